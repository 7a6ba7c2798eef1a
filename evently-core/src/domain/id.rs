//! Typed ids. Each is a UUID; new ones are UUIDv7 and come from an [`IdSource`](crate::clock::IdSource).

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The text is not a UUID in its hyphenated form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct ParseIdError;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with this UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID of this id.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            /// Reads the hyphenated form (36 characters, either case) and nothing else.
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                if text.len() != 36 {
                    return Err(ParseIdError);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError)
            }
        }
    };
}

typed_id!(
    /// What an event is called by.
    EventId
);
typed_id!(
    /// A section of an event.
    SectionId
);
typed_id!(
    /// A ticket type of an event.
    TicketTypeId
);
typed_id!(
    /// A booking; also the identity of the request that asked for it.
    BookingId
);
typed_id!(
    /// A waitlist entry.
    EntryId
);
typed_id!(
    /// Who commits to a store: one engine, from its start to its end.
    WriterId
);

impl WriterId {
    /// Nobody: the writer of what was never committed.
    pub const NOBODY: Self = Self(Uuid::nil());
}

typed_id!(
    /// A user: whoever the sign-in says it is. No row needs to exist.
    UserId
);

impl BookingId {
    /// The short form that people read aloud: ten characters of Crockford's base 32 from the id's last 50 bits.
    ///
    /// Derived, so it is never stored; unique for practical purposes, not guaranteed: look bookings up by id.
    pub fn reference(self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let bits = self.0.as_u128();
        (0..10)
            .rev()
            .map(|place| char::from(ALPHABET[((bits >> (5 * place)) & 31) as usize]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        let text = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(text.parse::<EventId>().unwrap().to_string(), text);
        assert!("01890a5dac96774bbcceb302099a8057".parse::<EventId>().is_err());
        assert!(
            "{01890a5d-ac96-774b-bcce-b302099a8057}"
                .parse::<EventId>()
                .is_err()
        );
        assert!("".parse::<EventId>().is_err());
    }

    #[test]
    fn a_reference_has_ten_unambiguous_characters() {
        let id: BookingId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(id.reference().len(), 10);
        assert_eq!(id.reference(), id.reference());
        assert!(!id.reference().contains(['I', 'L', 'O', 'U']));
    }
}

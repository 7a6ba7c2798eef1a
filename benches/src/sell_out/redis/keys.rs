//! The keys of these designs. All of one event are in one slot.

use super::Request;
use uuid::Uuid;

pub(super) struct Keys;

impl Keys {
    /// How many tickets are left.
    pub(super) fn left(event: Uuid) -> String {
        format!("bench:{{{event}}}:left")
    }

    /// A booking's fields.
    pub(super) fn booking(event: Uuid, booking: impl std::fmt::Display) -> String {
        format!("bench:{{{event}}}:booking:{booking}")
    }

    /// The booking that a user's key made.
    pub(super) fn used(event: Uuid, request: &Request) -> String {
        Self::used_by(event, request.user, &request.key)
    }

    /// What the script of the limit writes, in its order.
    pub(super) fn of_rows(event: Uuid, user: &str) -> [String; 8] {
        let part = |name: &str| format!("bench:{{{event}}}:{name}");
        [
            Self::left(event),
            part("bookings"),
            part("keys"),
            part("tickets"),
            part("by_status"),
            part("sales"),
            "bench:events-of-bookings".to_owned(),
            format!("bench:user:{user}:bookings"),
        ]
    }

    pub(super) fn used_by(event: Uuid, user: impl std::fmt::Display, key: &str) -> String {
        format!("bench:{{{event}}}:key:{user}:{key}")
    }
}

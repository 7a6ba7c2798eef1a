//! A waitlist entry, and in words why it was not served yet.

use crate::openapi::words::EntryStatus as EntryStatusWord;
use evently_core::Timestamp;
use evently_core::domain::{BookingId, Entry, EntryId, EntryStatus, EventId, TicketTypeId, UserId};
use evently_core::store::PlacedEntry;
use serde::Serialize;
use utoipa::ToSchema;

/// A waitlist entry as its owner and admins see it.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitlistEntry)]
pub(crate) struct EntryView {
    #[schema(value_type = Uuid)]
    id: EntryId,
    #[schema(value_type = Uuid)]
    event_id: EventId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    #[schema(value_type = Uuid)]
    ticket_type_id: TicketTypeId,
    quantity: u32,
    #[schema(value_type = EntryStatusWord)]
    status: &'static str,
    /// From 1; null once it does not wait.
    #[schema(required, minimum = 1)]
    position: Option<u64>,
    /// The booking or the offered hold that it became.
    #[schema(required, value_type = Option<Uuid>)]
    booking_id: Option<BookingId>,
    /// Until when an offer may be accepted.
    #[schema(required)]
    offer_expires_at: Option<Timestamp>,
    joined_at: Timestamp,
}

impl EntryView {
    /// An entry with its position.
    pub(crate) fn of(placed: &PlacedEntry) -> Self {
        Self::at(&placed.entry, placed.position)
    }

    /// An entry at this position of the line.
    pub(crate) fn at(entry: &Entry, position: Option<u64>) -> Self {
        Self {
            id: entry.id,
            event_id: entry.event_id,
            user_id: entry.user_id,
            ticket_type_id: entry.ticket_type_id,
            quantity: entry.quantity,
            status: entry.status.as_str(),
            position,
            booking_id: entry.booking_id,
            offer_expires_at: entry.offer_expires_at,
            joined_at: entry.joined_at,
        }
    }
}

/// An entry with an explanation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExplainedEntry {
    #[serde(flatten)]
    entry: EntryView,
    /// Why it was not served yet, in words.
    explanation: String,
}

impl ExplainedEntry {
    /// An entry with its position and its explanation.
    pub(crate) fn of(placed: &PlacedEntry) -> Self {
        Self {
            entry: EntryView::of(placed),
            explanation: explanation(placed),
        }
    }
}

fn explanation(placed: &PlacedEntry) -> String {
    let entry = &placed.entry;
    match entry.status {
        EntryStatus::Waiting => waiting(entry, placed.position.unwrap_or(1)),
        EntryStatus::Offered => match entry.offer_expires_at {
            Some(until) => format!("Tickets are held for you until {until}: accept the offer before then."),
            None => "Tickets are held for you: accept the offer.".to_owned(),
        },
        EntryStatus::Converted => "You have your tickets: see the booking.".to_owned(),
        EntryStatus::Lapsed => {
            "The offer was not accepted in time, so its tickets went to the next in line.".to_owned()
        }
        EntryStatus::Declined => {
            "You declined the offer, so its tickets went to the next in line.".to_owned()
        }
        EntryStatus::Left => "You left the waitlist.".to_owned(),
        EntryStatus::Closed => {
            "The waitlist has closed: sales are over, or the event was cancelled.".to_owned()
        }
    }
}

fn waiting(entry: &Entry, position: u64) -> String {
    let tickets = match entry.quantity {
        1 => "1 ticket".to_owned(),
        quantity => format!("{quantity} tickets"),
    };
    let place = match position - position.min(1) {
        0 => format!("You are first in line for {tickets}."),
        1 => format!("You wait for {tickets}; 1 entry is ahead of you."),
        ahead => format!("You wait for {tickets}; {ahead} entries are ahead of you."),
    };
    let reason = match entry.passes {
        _ if entry.is_starved() => {
            format!(
                "{} times fewer tickets were free than you want and went to others; what frees now is saved for you, \
                 unless you want more than there can be, or than the event grants one person.",
                entry.passes
            )
        }
        0 => format!(
            "Since you joined, {tickets} did not come free for you. Where an event grants each person only so many, whoever \
             has as many keeps their place and is not served."
        ),
        1 => "Once fewer tickets came free than you want, and they went to somebody who wants fewer."
            .to_owned(),
        passes => format!(
            "{passes} times fewer tickets came free than you want, and they went to others who want fewer; after \
             {} times what frees is saved for you.",
            Entry::MAX_PASSES
        ),
    };
    format!("{place} {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use uuid::Uuid;

    fn placed(status: EntryStatus, quantity: u32, passes: u32, position: Option<u64>) -> PlacedEntry {
        let id = Uuid::from_u128(1);
        let entry = Entry {
            id: EntryId::from_uuid(id),
            event_id: EventId::from_uuid(id),
            user_id: UserId::from_uuid(id),
            ticket_type_id: TicketTypeId::from_uuid(id),
            section_id: evently_core::domain::SectionId::from_uuid(id),
            quantity,
            status,
            seq: 9,
            passes,
            booking_id: None,
            offer_expires_at: None,
            key: None,
            joined_at: Timestamp::UNIX_EPOCH,
        };
        PlacedEntry {
            entry: Arc::new(entry),
            position,
        }
    }

    #[test]
    fn whoever_waits_is_told_their_place_and_what_passed_them() {
        let told = |quantity, passes, position| {
            explanation(&placed(EntryStatus::Waiting, quantity, passes, Some(position)))
        };
        assert!(told(1, 0, 1).starts_with(
            "You are first in line for 1 ticket. Since you joined, 1 ticket did not come free for you."
        ));
        assert!(told(2, 0, 2).starts_with("You wait for 2 tickets; 1 entry is ahead of you."));
        assert!(told(2, 3, 4).contains("3 entries are ahead of you. 3 times fewer tickets came free"));
        assert!(told(2, 10, 1).contains("what frees now is saved for you, unless"));
    }

    #[test]
    fn every_status_has_its_words() {
        for status in EntryStatus::ALL {
            assert!(
                explanation(&placed(status, 1, 0, None)).ends_with('.'),
                "{status:?}"
            );
        }
        let shown = serde_json::to_value(ExplainedEntry::of(&placed(EntryStatus::Left, 1, 0, None))).unwrap();
        assert_eq!(shown["position"], serde_json::Value::Null);
        assert_eq!(shown["status"], "left");
    }
}

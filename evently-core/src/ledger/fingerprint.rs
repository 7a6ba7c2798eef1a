//! The canonical bytes of a request, of which its fingerprint is made (rule 10).
//!
//! The bytes are stored (as a hash) with bookings: changing them makes a repeat of an old request read as
//! another one. Every field is written in a fixed order, lists with their length in front.

use super::command::{Access, Adjacency, Book, BookingKind, ItemRequest, Join, OnFull, Selection};
use crate::domain::Fingerprint;
use smallvec::SmallVec;
use uuid::Uuid;

/// Nearly every request fits into these few bytes.
#[derive(Default)]
struct Canonical(SmallVec<[u8; 64]>);

impl Canonical {
    fn byte(&mut self, byte: u8) -> &mut Self {
        self.0.push(byte);
        self
    }

    fn number(&mut self, number: u32) -> &mut Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    fn length(&mut self, length: usize) -> &mut Self {
        self.number(u32::try_from(length).unwrap_or(u32::MAX))
    }

    fn id(&mut self, id: Option<Uuid>) -> &mut Self {
        match id {
            None => self.byte(0),
            Some(id) => {
                self.byte(1);
                self.0.extend_from_slice(id.as_bytes());
                self
            }
        }
    }

    fn texts<'a>(&mut self, texts: impl ExactSizeIterator<Item = &'a str>) -> &mut Self {
        self.length(texts.len());
        for text in texts {
            self.length(text.len()).0.extend_from_slice(text.as_bytes());
        }
        self
    }
}

impl Book {
    /// What tells this request from another under the same key.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut bytes = Canonical::default();
        bytes.byte(match self.kind {
            BookingKind::Confirmed => 1,
            BookingKind::Held => 2,
        });
        bytes.byte(match self.on_full {
            OnFull::Reject => 0,
            OnFull::Waitlist => 1,
        });
        match &self.selection {
            Selection::Quantity {
                quantity,
                ticket_type_id,
            } => {
                bytes
                    .byte(1)
                    .number(*quantity)
                    .id(ticket_type_id.map(|id| id.uuid()));
            }
            Selection::Seats {
                seats,
                ticket_type_id,
            } => {
                bytes.byte(2).texts(seats.iter().map(|seat| seat.as_str()));
                bytes.id(ticket_type_id.map(|id| id.uuid()));
            }
            Selection::BestAvailable {
                quantity,
                section_id,
                ticket_type_id,
                adjacent,
                accessible,
            } => {
                bytes.byte(3).number(*quantity).id(section_id.map(|id| id.uuid()));
                bytes.id(ticket_type_id.map(|id| id.uuid()));
                bytes.byte(u8::from(*adjacent == Adjacency::Required));
                bytes.byte(u8::from(*accessible == Access::Accessible));
            }
            Selection::Items(items) => {
                bytes.byte(4).length(items.len());
                for ItemRequest {
                    ticket_type_id,
                    quantity,
                    seats,
                } in items
                {
                    bytes.id(Some(ticket_type_id.uuid())).number(*quantity);
                    bytes.texts(seats.iter().map(|seat| seat.as_str()));
                }
            }
        }
        Fingerprint::of(&bytes.0)
    }
}

impl Join {
    /// What tells this request from another under the same key.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut bytes = Canonical::default();
        bytes
            .byte(3)
            .number(self.quantity)
            .id(self.ticket_type_id.map(|id| id.uuid()));
        Fingerprint::of(&bytes.0)
    }
}

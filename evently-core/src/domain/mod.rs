//! The box office's words as types: values that are valid once they exist, and the rules that belong to one
//! value alone.
//!
//! What involves more than one value (capacity, limits, the waitlist) is the [`ledger`](crate::ledger)'s.
//! Nothing here waits, reads a clock or makes an id.
//!
//! The serde form of these types is how stores keep them. The wire form is the HTTP layer's own.

mod analytics;
mod booking;
mod draft;
mod event;
mod id;
pub(crate) mod instant;
mod key;
mod limits;
mod money;
mod page;
mod policy;
mod seat;
mod section;
mod user;
mod waitlist;

pub use analytics::{EventFigures, EventStats, Overview, Popularity, SalesRow};
pub use booking::{Booking, BookingItem, BookingStatus, EndReason, Items, Source};
pub use draft::{EventDraft, FieldError, RowDraft, SeatingDraft, SectionDraft, TicketTypeDraft};
pub use event::{Event, EventStatus, Metadata, Phase, TicketType};
pub use id::{BookingId, EntryId, EventId, ParseIdError, SectionId, TicketTypeId, UserId, WriterId};
pub use key::{Fingerprint, IdempotencyKey, InvalidKey, KeyUse};
pub use limits::Limits;
pub use money::Currency;
pub use page::{
    BookingFilter, EntryFilter, EventCursor, EventFilter, EventSort, EventSortKey, Page, PageRequest,
};
pub use policy::{Policy, WaitlistPolicy};
pub use seat::{Seat, SeatLabel};
pub use section::{Row, Seating, Section, SectionCount};
pub use user::{Caller, Email, InvalidEmail, Role, Session, SessionId, User};
pub use waitlist::{Entry, EntryStatus};

pub use jiff::Timestamp;

//! Pages and filters of lists. Every list is read by keyset: a page begins after the last row of the one
//! before.

use super::{BookingStatus, EntryStatus, EventId, Phase, Timestamp};
use serde::{Deserialize, Serialize};

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<C> {
    /// How many rows at most; 1 to [`MAX_LIMIT`](Self::MAX_LIMIT).
    pub limit: u32,
    /// After which row; `None` for the first page.
    pub after: Option<C>,
}

impl<C> PageRequest<C> {
    /// The most rows of one page.
    pub const MAX_LIMIT: u32 = 100;
    /// The rows of a page that names no limit.
    pub const DEFAULT_LIMIT: u32 = 20;

    /// The first page with so many rows, brought within 1 to [`MAX_LIMIT`](Self::MAX_LIMIT).
    pub fn first(limit: u32) -> Self {
        Self {
            limit: limit.clamp(1, Self::MAX_LIMIT),
            after: None,
        }
    }
}

impl<C> Default for PageRequest<C> {
    fn default() -> Self {
        Self::first(Self::DEFAULT_LIMIT)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, C> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Makes a page of `limit` rows from up to `limit + 1` of them: the surplus row says that there is more.
    pub fn from_surplus(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> C) -> Self {
        let limit = limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next }
    }

    /// The same page with other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U, C> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            next: self.next,
        }
    }
}

/// The orders of the catalogue. Ties are broken by id, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EventSort {
    /// Soonest first.
    #[default]
    StartsAt,
    /// Latest start first.
    StartsAtDescending,
    /// By name, in the order of its UTF-8 bytes.
    Name,
    /// Newest first.
    CreatedAtDescending,
}

/// Where in the catalogue's order a row stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventSortKey {
    /// The row's time, for the orders by time.
    Time(Timestamp),
    /// The row's name, for the order by name.
    Name(String),
}

/// The last row of a page of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCursor {
    /// The row's place in the order.
    pub key: EventSortKey,
    /// The row's id.
    pub id: EventId,
}

/// Which events of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilter {
    /// Case-insensitive substring of name, venue or description.
    pub text: Option<String>,
    /// Case-insensitive equality.
    pub venue: Option<String>,
    /// Starts at or after.
    pub from: Option<Timestamp>,
    /// Starts before.
    pub to: Option<Timestamp>,
    /// In this phase at `now`.
    pub phase: Option<Phase>,
    /// Only those with something left.
    pub available_only: bool,
    /// Whether drafts are listed.
    pub include_drafts: bool,
    /// The order.
    pub sort: EventSort,
    /// The instant that phases are derived at.
    pub now: Timestamp,
}

impl EventFilter {
    /// Every event that is no draft, soonest first, phases at `now`.
    pub fn all(now: Timestamp) -> Self {
        Self {
            text: None,
            venue: None,
            from: None,
            to: None,
            phase: None,
            available_only: false,
            include_drafts: false,
            sort: EventSort::default(),
            now,
        }
    }
}

/// Which bookings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BookingFilter {
    /// In this status.
    pub status: Option<BookingStatus>,
    /// Of this event.
    pub event_id: Option<EventId>,
}

/// Which waitlist entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EntryFilter {
    /// In this status.
    pub status: Option<EntryStatus>,
}

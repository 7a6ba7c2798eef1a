//! One event as it stands, and what is read of it.

use super::index::Index;
use super::line::Line;
use super::row::Rows;
use crate::domain::{
    Booking, BookingId, Event, EventFigures, EventStats, IdempotencyKey, KeyUse, SalesRow, SeatLabel,
    SectionCount, Timestamp, UserId,
};
use crate::ledger::{DueHolds, Need, Revision, Snapshot, Standing};
use crate::store::Listing;
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Everything about one event, at one version.
pub(super) struct EventState {
    pub(super) event: Arc<Event>,
    pub(super) revision: Revision,
    pub(super) counts: Vec<SectionCount>,
    pub(super) stats: EventStats,
    pub(super) due_at: Option<Timestamp>,
    pub(super) next_seq: u64,
    pub(super) rows: Rows,
    /// The first booking that takes capacity.
    pub(super) first_live: Option<BookingId>,
    /// The holds, first over first.
    pub(super) holds: BTreeSet<(Timestamp, BookingId)>,
    pub(super) line: Line,
    pub(super) seats: HashMap<SeatLabel, BookingId>,
    /// In the hours' order.
    pub(super) sales: Vec<SalesRow>,
}

impl EventState {
    /// An event of which nothing is known but its definition.
    pub(super) fn new(event: Arc<Event>) -> Self {
        Self {
            event,
            revision: Revision::NONE,
            counts: Vec::new(),
            stats: EventStats::default(),
            due_at: None,
            next_seq: 0,
            rows: Rows::default(),
            first_live: None,
            holds: BTreeSet::new(),
            line: Line::default(),
            seats: HashMap::new(),
            sales: Vec::new(),
        }
    }

    /// The event as the catalogue lists it.
    pub(super) fn listing(&self) -> Listing {
        Listing {
            event: Arc::clone(&self.event),
            version: self.revision.version,
            counts: self.counts.clone(),
        }
    }

    /// The event as analytics lists it.
    pub(super) fn figures(&self) -> EventFigures {
        EventFigures {
            event_id: self.event.id,
            name: self.event.name.clone(),
            starts_at: self.event.starts_at,
            currency: self.event.currency,
            sections: self.counts.clone(),
            stats: self.stats,
        }
    }

    /// The answer to a need.
    pub(super) fn snapshot(&self, need: &Need, index: &Index) -> Snapshot {
        let mut snapshot = Snapshot {
            event: Arc::clone(&self.event),
            revision: self.revision,
            counts: self.counts.clone(),
            stats: self.stats,
            due_at: self.due_at,
            next_seq: self.next_seq,
            users: self.standings(need, index),
            keys: self.keys(need, index),
            bookings: need.bookings.iter().filter_map(|id| self.booking(*id)).collect(),
            entries: Vec::new(),
            taken_seats: need.seats.then(|| self.seats.keys().cloned().collect()),
            due: need.due.map(|at| self.due(at)),
            live: need.live.then(|| self.live()),
            waitlist: need.waitlist.iter().map(|part| self.line.window(*part)).collect(),
        };
        let asked = need.entries.iter().filter_map(|id| self.line.entry(*id));
        snapshot.entries = asked.map(Arc::clone).collect();
        self.add_made_by_keys(&mut snapshot);
        snapshot
            .bookings
            .extend(snapshot.live.iter().flatten().map(Arc::clone));
        snapshot.bookings.sort_unstable_by_key(|booking| booking.id);
        snapshot.bookings.dedup_by_key(|booking| booking.id);
        snapshot.entries.sort_unstable_by_key(|entry| entry.id);
        snapshot.entries.dedup_by_key(|entry| entry.id);
        snapshot
    }

    /// One booking.
    pub(super) fn booking(&self, id: BookingId) -> Option<Arc<Booking>> {
        Some(self.rows.get(&id)?.booking(id, self.event.id))
    }

    fn standings(&self, need: &Need, index: &Index) -> Vec<(UserId, Standing)> {
        let standing = |user| Standing {
            tickets: index.tickets(self.event.id, user, &self.rows),
            entry: self.line.active(user).map(Arc::clone),
        };
        need.users.iter().map(|user| (*user, standing(*user))).collect()
    }

    fn keys(&self, need: &Need, index: &Index) -> Vec<((UserId, IdempotencyKey), Option<KeyUse>)> {
        let used = |(user, key): &(_, _)| index.key(self.event.id, *user, key, &self.rows);
        need.keys
            .iter()
            .map(|asked| (asked.clone(), used(asked)))
            .collect()
    }

    fn add_made_by_keys(&self, snapshot: &mut Snapshot) {
        for (_, used) in &snapshot.keys {
            match used {
                None => {}
                Some(KeyUse::Booking(id)) => snapshot.bookings.extend(self.booking(*id)),
                Some(KeyUse::Entry(id)) => snapshot.entries.extend(self.line.entry(*id).map(Arc::clone)),
            }
        }
    }

    fn due(&self, at: Timestamp) -> DueHolds {
        let mut holds = self.holds.iter().peekable();
        let mut bookings = Vec::new();
        while bookings.len() < Need::BATCH
            && let Some((_, id)) = holds.next_if(|(expires, _)| *expires <= at)
        {
            bookings.extend(self.booking(*id));
        }
        DueHolds {
            bookings,
            later: holds.next().map(|(expires, _)| *expires),
        }
    }

    fn live(&self) -> Vec<Arc<Booking>> {
        let Some(first) = self.first_live else {
            return Vec::new();
        };
        let rows = self.rows.from(&first);
        let live = rows.filter(|(_, row)| row.status().takes_capacity());
        let live = live.take(Need::BATCH);
        live.map(|(id, row)| row.booking(*id, self.event.id)).collect()
    }
}

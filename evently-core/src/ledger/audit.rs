//! The recount: what counts and figures must be, from the bookings and entries alone (rule 12).

use crate::domain::{
    Booking, BookingId, BookingStatus, Entry, EntryStatus, Event, EventStats, SalesRow, SeatLabel,
    SectionCount,
};
use std::collections::BTreeMap;

/// What is kept of an event beside what its bookings and entries add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// As stored.
    pub stored: Totals,
    /// As recounted.
    pub counted: Totals,
}

/// Everything about an event that can be recounted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Totals {
    /// The sections' counts, in the event's order.
    pub counts: Vec<SectionCount>,
    /// The running figures; `sold_out_at` is no count and not compared.
    pub stats: EventStats,
    /// The hours of sales, in order, hours without anything left out.
    pub sales: Vec<SalesRow>,
    /// The taken seats with who has them, by label.
    pub seats: Vec<(SeatLabel, BookingId)>,
}

/// One figure that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which figure, as a path.
    pub figure: String,
    /// As stored.
    pub stored: String,
    /// As recounted.
    pub counted: String,
}

/// Adds up bookings and entries.
#[derive(Debug, Clone)]
pub struct Tally {
    totals: Totals,
    sales: BTreeMap<i64, SalesRow>,
}

impl Tally {
    /// A tally of an event of which nothing is taken yet.
    pub fn new(event: &Event) -> Self {
        let counts = event.sections.iter().map(SectionCount::empty).collect();
        Self {
            totals: Totals {
                counts,
                ..Totals::default()
            },
            sales: BTreeMap::new(),
        }
    }

    /// Counts a booking of the event.
    pub fn booking(&mut self, booking: &Booking) {
        let tickets = u64::from(booking.quantity());
        if booking.status.takes_capacity() {
            for item in &booking.items {
                let count = self
                    .totals
                    .counts
                    .iter_mut()
                    .find(|count| count.section_id == item.section_id);
                if let Some(count) = count {
                    match booking.status {
                        BookingStatus::Confirmed => count.sold += item.quantity,
                        _ => count.held += item.quantity,
                    }
                }
                let seats = item.seats.iter().map(|seat| (seat.clone(), booking.id));
                self.totals.seats.extend(seats);
            }
        }
        let stats = &mut self.totals.stats;
        if booking.status == BookingStatus::Confirmed {
            stats.bookings += 1;
            stats.revenue_minor += booking.total_minor();
        }
        if let Some(confirmed_at) = booking.confirmed_at {
            let hour = SalesRow::hour_of(confirmed_at);
            let row = self
                .sales
                .entry(hour.as_second())
                .or_insert_with(|| SalesRow::empty(hour));
            row.bookings += 1;
            row.tickets += tickets;
            row.revenue_minor += booking.total_minor();
            if booking.status == BookingStatus::Cancelled {
                stats.cancellations += 1;
                stats.tickets_cancelled += tickets;
                let hour = SalesRow::hour_of(booking.ended_at.unwrap_or(confirmed_at));
                let row = self
                    .sales
                    .entry(hour.as_second())
                    .or_insert_with(|| SalesRow::empty(hour));
                row.cancelled_tickets += tickets;
            }
        }
    }

    /// Counts a waitlist entry of the event.
    pub fn entry(&mut self, entry: &Entry) {
        let stats = &mut self.totals.stats;
        match entry.status {
            EntryStatus::Waiting => {
                let count = self
                    .totals
                    .counts
                    .iter_mut()
                    .find(|count| count.section_id == entry.section_id);
                if let Some(count) = count {
                    count.waiting += 1;
                    count.starved += u32::from(entry.is_starved());
                }
            }
            EntryStatus::Offered => stats.offered += 1,
            EntryStatus::Converted => stats.converted += 1,
            EntryStatus::Lapsed => stats.lapsed += 1,
            EntryStatus::Declined => stats.declined += 1,
            EntryStatus::Left => stats.left += 1,
            EntryStatus::Closed => stats.closed += 1,
        }
    }

    /// The totals.
    pub fn finish(mut self) -> Totals {
        self.totals.sales = self.sales.into_values().collect();
        self.totals.seats.sort_unstable();
        self.totals
    }
}

impl Audit {
    /// Every figure that differs, and every section that has taken more than its capacity.
    pub fn differences(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut compare = |figure: &str, stored: String, counted: String| {
            if stored != counted {
                found.push(Difference {
                    figure: figure.to_owned(),
                    stored,
                    counted,
                });
            }
        };
        let (stored, counted) = (&self.stored, &self.counted);
        for (kept, count) in stored.counts.iter().zip(&counted.counts) {
            let at = format!("sections[{}]", kept.section_id);
            compare(
                &format!("{at}.id"),
                kept.section_id.to_string(),
                count.section_id.to_string(),
            );
            compare(
                &format!("{at}.capacity"),
                kept.capacity.to_string(),
                count.capacity.to_string(),
            );
            compare(
                &format!("{at}.sold"),
                kept.sold.to_string(),
                count.sold.to_string(),
            );
            compare(
                &format!("{at}.held"),
                kept.held.to_string(),
                count.held.to_string(),
            );
            compare(
                &format!("{at}.waiting"),
                kept.waiting.to_string(),
                count.waiting.to_string(),
            );
            compare(
                &format!("{at}.starved"),
                kept.starved.to_string(),
                count.starved.to_string(),
            );
        }
        compare(
            "sections",
            stored.counts.len().to_string(),
            counted.counts.len().to_string(),
        );
        let comparable = |stats: EventStats| EventStats {
            sold_out_at: None,
            ..stats
        };
        if comparable(stored.stats) != comparable(counted.stats) {
            let text = |stats| format!("{:?}", comparable(stats));
            compare("stats", text(stored.stats), text(counted.stats));
        }
        for (kept, count) in pair_up(&stored.sales, &counted.sales, |row| row.start) {
            compare("sales", format!("{kept:?}"), format!("{count:?}"));
        }
        for (kept, count) in pair_up(&stored.seats, &counted.seats, |seat| seat.clone()) {
            compare("seats", format!("{kept:?}"), format!("{count:?}"));
        }
        for count in &counted.counts {
            let taken = count.sold + count.held;
            if taken > count.capacity {
                found.push(Difference {
                    figure: format!("sections[{}] oversold", count.section_id),
                    stored: format!("capacity {}", count.capacity),
                    counted: format!("{taken} sold and held"),
                });
            }
        }
        for twins in counted.seats.windows(2).filter(|twins| twins[0].0 == twins[1].0) {
            found.push(Difference {
                figure: format!("seat {} sold twice", twins[0].0),
                stored: twins[0].1.to_string(),
                counted: twins[1].1.to_string(),
            });
        }
        found
    }
}

/// Pairs the rows of two lists by key; a row without a partner is paired with nothing.
fn pair_up<'a, T: PartialEq, K: Ord>(
    stored: &'a [T],
    counted: &'a [T],
    key: impl Fn(&T) -> K,
) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    if stored == counted {
        return Vec::new();
    }
    let mut pairs: BTreeMap<K, (Option<&T>, Option<&T>)> = BTreeMap::new();
    for row in stored {
        pairs.entry(key(row)).or_default().0 = Some(row);
    }
    for row in counted {
        pairs.entry(key(row)).or_default().1 = Some(row);
    }
    pairs
        .into_values()
        .filter(|(stored, counted)| stored != counted)
        .collect()
}

//! Figures.

use evently_core::Timestamp;
use evently_core::domain::{EventFigures, EventId, Overview, SalesRow, SectionCount, SectionId};
use evently_core::store::Listing;
use serde::Serialize;

/// Figures over several events.
#[derive(Serialize)]
pub(crate) struct OverviewView {
    events: u64,
    bookings: u64,
    cancellations: u64,
    tickets_sold: u64,
    tickets_cancelled: u64,
    revenue: Vec<RevenueView>,
    waiting: u64,
    capacity: u64,
    utilization: f64,
}

#[derive(Serialize)]
struct RevenueView {
    currency: &'static str,
    amount_minor: i64,
}

impl OverviewView {
    /// The figures as they are.
    pub(crate) fn of(overview: &Overview) -> Self {
        let revenue = overview
            .revenue
            .iter()
            .map(|(currency, amount_minor)| RevenueView {
                currency: currency.code(),
                amount_minor: *amount_minor,
            });
        Self {
            events: overview.events,
            bookings: overview.bookings,
            cancellations: overview.cancellations,
            tickets_sold: overview.tickets_sold,
            tickets_cancelled: overview.tickets_cancelled,
            revenue: revenue.collect(),
            waiting: overview.waiting,
            capacity: overview.capacity,
            utilization: overview.utilization(),
        }
    }
}

/// A list that is given whole.
#[derive(Serialize)]
pub(crate) struct WholeList<V> {
    pub(crate) data: Vec<V>,
}

/// One event's figures, as lists show them.
#[derive(Serialize)]
pub(crate) struct FiguresView<'a> {
    event_id: EventId,
    name: &'a str,
    starts_at: Timestamp,
    capacity: u64,
    tickets_sold: u64,
    bookings: u64,
    cancellations: u64,
    utilization: f64,
    revenue_minor: i64,
    currency: &'static str,
}

impl<'a> FiguresView<'a> {
    /// The figures as they are.
    pub(crate) fn of(figures: &'a EventFigures) -> Self {
        Self {
            event_id: figures.event_id,
            name: &figures.name,
            starts_at: figures.starts_at,
            capacity: figures.capacity(),
            tickets_sold: figures.tickets_sold(),
            bookings: figures.stats.bookings,
            cancellations: figures.stats.cancellations,
            utilization: figures.utilization(),
            revenue_minor: figures.stats.revenue_minor,
            currency: figures.currency.code(),
        }
    }
}

/// One event's figures in full.
#[derive(Serialize)]
pub(crate) struct FullFiguresView<'a> {
    #[serde(flatten)]
    figures: FiguresView<'a>,
    held: u64,
    available: u64,
    cancellation_rate: f64,
    sold_out_at: Option<Timestamp>,
    waitlist: WaitlistFiguresView,
    sections: Vec<SectionFiguresView<'a>>,
}

#[derive(Serialize)]
struct WaitlistFiguresView {
    waiting: u64,
    offered: u64,
    converted: u64,
    lapsed: u64,
    declined: u64,
    left: u64,
}

#[derive(Serialize)]
struct SectionFiguresView<'a> {
    id: SectionId,
    name: &'a str,
    capacity: u32,
    sold: u32,
    held: u32,
    available: u32,
}

impl<'a> FullFiguresView<'a> {
    /// The figures as they are; the listing knows the sections' names.
    pub(crate) fn of(figures: &'a EventFigures, listing: &'a Listing) -> Self {
        let sum =
            |count: fn(&SectionCount) -> u32| figures.sections.iter().map(|own| u64::from(count(own))).sum();
        let stats = &figures.stats;
        let sections = figures.sections.iter().map(|count| SectionFiguresView {
            id: count.section_id,
            name: listing
                .event
                .section(count.section_id)
                .map_or("", |section| &section.name),
            capacity: count.capacity,
            sold: count.sold,
            held: count.held,
            available: count.available(),
        });
        Self {
            figures: FiguresView::of(figures),
            held: sum(|count| count.held),
            available: sum(SectionCount::available),
            cancellation_rate: figures.cancellation_rate(),
            sold_out_at: stats.sold_out_at,
            waitlist: WaitlistFiguresView {
                waiting: sum(|count| count.waiting),
                offered: stats.offered,
                converted: stats.converted,
                lapsed: stats.lapsed,
                declined: stats.declined,
                left: stats.left,
            },
            sections: sections.collect(),
        }
    }
}

/// What one hour or day added.
#[derive(Serialize)]
pub(crate) struct SalesView {
    start: Timestamp,
    bookings: u64,
    tickets: u64,
    cancelled_tickets: u64,
    revenue_minor: i64,
}

impl SalesView {
    /// The row as it is.
    pub(crate) fn of(row: &SalesRow) -> Self {
        Self {
            start: row.start,
            bookings: row.bookings,
            tickets: row.tickets,
            cancelled_tickets: row.cancelled_tickets,
            revenue_minor: row.revenue_minor,
        }
    }
}

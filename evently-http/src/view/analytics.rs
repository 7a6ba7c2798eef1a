//! Figures.

use evently_core::Timestamp;
use evently_core::domain::{EventFigures, EventId, Overview, SalesRow, SectionCount, SectionId};
use evently_core::store::Listing;
use serde::Serialize;
use utoipa::ToSchema;

/// Figures over several events.
#[derive(Serialize, ToSchema)]
#[schema(as = Overview)]
pub(crate) struct OverviewView {
    /// Published events, not cancelled.
    events: u64,
    /// Confirmed now.
    bookings: u64,
    /// Once confirmed, then cancelled.
    cancellations: u64,
    /// Of bookings confirmed now.
    tickets_sold: u64,
    tickets_cancelled: u64,
    /// Of bookings confirmed now, by currency.
    revenue: Vec<RevenueView>,
    /// Waitlist entries that wait.
    waiting: u64,
    /// Of published events, not cancelled.
    capacity: u64,
    /// Sold / capacity.
    #[schema(minimum = 0, maximum = 1)]
    utilization: f64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Revenue)]
struct RevenueView {
    /// ISO 4217.
    #[schema(examples("EUR"))]
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
#[derive(Serialize, ToSchema)]
#[schema(as = EventFigures)]
pub(crate) struct FiguresView<'a> {
    #[schema(value_type = Uuid)]
    event_id: EventId,
    name: &'a str,
    starts_at: Timestamp,
    capacity: u64,
    /// Of bookings confirmed now.
    tickets_sold: u64,
    /// Confirmed now.
    bookings: u64,
    /// Once confirmed, then cancelled.
    cancellations: u64,
    /// Sold / capacity.
    #[schema(minimum = 0, maximum = 1)]
    utilization: f64,
    /// Of bookings confirmed now.
    revenue_minor: i64,
    /// ISO 4217.
    #[schema(examples("EUR"))]
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
#[derive(Serialize, ToSchema)]
#[schema(as = FullEventFigures)]
pub(crate) struct FullFiguresView<'a> {
    #[serde(flatten)]
    figures: FiguresView<'a>,
    /// Tickets of holds.
    held: u64,
    available: u64,
    /// Cancellations / (bookings + cancellations); 0 if there are none.
    #[schema(minimum = 0, maximum = 1)]
    cancellation_rate: f64,
    /// Since when nothing is available.
    #[schema(required)]
    sold_out_at: Option<Timestamp>,
    /// Entries by what became of them.
    waitlist: WaitlistFiguresView,
    sections: Vec<SectionFiguresView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WaitlistFigures)]
struct WaitlistFiguresView {
    waiting: u64,
    offered: u64,
    converted: u64,
    lapsed: u64,
    declined: u64,
    left: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SectionFigures)]
struct SectionFiguresView<'a> {
    #[schema(value_type = Uuid)]
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
#[derive(Serialize, ToSchema)]
#[schema(as = SalesRow)]
pub(crate) struct SalesView {
    /// When the hour or the day begins, in UTC.
    start: Timestamp,
    /// Confirmed then, whatever became of them.
    bookings: u64,
    tickets: u64,
    /// Tickets of bookings cancelled then.
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

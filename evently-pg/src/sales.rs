//! The hot write: a batch of new bookings and nothing else, as few and as short arrays as can be.

use crate::connections::Statement;
use crate::error::Fault;
use crate::rows::{counts_text, instant, optional_instant, to_json, whole};
use crate::statements as sql;
use evently_core::domain::{Booking, Currency, Source};
use evently_core::ledger::{Changes, Revision};
use jiff_sqlx::Timestamp;
use uuid::Uuid;

/// Whether changes are new bookings and nothing else, written in their plain form.
pub(crate) fn are_sales(changes: &Changes) -> bool {
    let plain = |booking: &Booking| {
        booking.items.len() == 1
            && booking.source == Source::Direct
            && booking.entry_id.is_none()
            && booking.payment_reference.is_none()
            && booking.reason.is_none()
            && booking.ended_at.is_none()
    };
    changes.expected != Revision::NONE
        && changes.event.is_none()
        && changes.changed_bookings.is_empty()
        && changes.new_entries.is_empty()
        && changes.changed_entries.is_empty()
        && changes.freed.is_empty()
        // Where nobody ever waited, no entry has a key that a booking must not have.
        && changes.next_seq == FIRST_SEQ
        && !changes.new_bookings.is_empty()
        && changes.new_bookings.iter().all(|booking| plain(booking))
        && changes.sales.iter().all(|hour| hour.cancelled_tickets == 0)
}

/// The place that an event's first waitlist entry takes.
const FIRST_SEQ: u64 = 1;

/// The write of these changes, each of which [`are_sales`], in the order of their events' ids.
///
/// # Errors
/// A number is beyond what can be stored.
pub(crate) fn statement<'a>(changes: &[&Changes]) -> Result<Statement<'a>, Fault> {
    let mut columns = Columns::default();
    for changes in changes {
        columns.add(changes)?;
    }
    Ok(columns.bind())
}

#[derive(Default)]
struct Columns {
    inventory: Inventories,
    lot: Lots,
    booking: Bookings,
    seat: Seats,
    hour: Hours,
}

#[derive(Default)]
struct Inventories {
    event: Vec<Uuid>,
    expected: Vec<i64>,
    expected_writer: Vec<Uuid>,
    writer: Vec<Uuid>,
    counts: Vec<String>,
    due_at: Vec<Option<Timestamp>>,
    bookings: Vec<i64>,
    revenue_minor: Vec<i64>,
    sold_out_at: Vec<Option<Timestamp>>,
}

/// What bookings have in common.
#[derive(Default)]
struct Lots {
    event: Vec<Uuid>,
    ticket_type: Vec<Uuid>,
    section: Vec<Uuid>,
    price_minor: Vec<i64>,
    currency: Vec<&'static str>,
    status: Vec<&'static str>,
    created_at: Vec<Timestamp>,
    confirmed_at: Vec<Option<Timestamp>>,
    hold_expires_at: Vec<Option<Timestamp>>,
}

#[derive(Default)]
struct Bookings {
    lot: Vec<i64>,
    booking: Vec<Uuid>,
    user: Vec<Uuid>,
    quantity: Vec<i32>,
    key: Vec<Option<String>>,
    fingerprint: Vec<Option<Uuid>>,
    seats: Vec<Option<String>>,
}

#[derive(Default)]
struct Seats {
    event: Vec<Uuid>,
    booking: Vec<Uuid>,
    label: Vec<String>,
}

#[derive(Default)]
struct Hours {
    event: Vec<Uuid>,
    start: Vec<Timestamp>,
    bookings: Vec<i64>,
    tickets: Vec<i64>,
    revenue_minor: Vec<i64>,
}

impl Columns {
    fn add(&mut self, changes: &Changes) -> Result<(), Fault> {
        let event = changes.event_id.uuid();
        let stats = &changes.stats;
        self.inventory.event.push(event);
        self.inventory.expected.push(whole(changes.expected.version)?);
        self.inventory
            .expected_writer
            .push(changes.expected.writer.uuid());
        self.inventory.writer.push(changes.writer.uuid());
        self.inventory.counts.push(counts_text(&changes.counts));
        self.inventory.due_at.push(optional_instant(changes.due_at));
        self.inventory.bookings.push(whole(stats.bookings)?);
        self.inventory.revenue_minor.push(stats.revenue_minor);
        self.inventory
            .sold_out_at
            .push(optional_instant(stats.sold_out_at));
        let mut former: Option<&Booking> = None;
        for booking in &changes.new_bookings {
            if !former.is_some_and(|former| are_of_one_lot(former, booking)) {
                self.lot.add(booking);
            }
            former = Some(booking);
            self.booking.add(self.lot.event.len(), booking)?;
        }
        for (label, booking_id) in &changes.taken {
            self.seat.event.push(event);
            self.seat.booking.push(booking_id.uuid());
            self.seat.label.push(label.as_str().to_owned());
        }
        for hour in &changes.sales {
            self.hour.event.push(event);
            self.hour.start.push(instant(hour.start));
            self.hour.bookings.push(whole(hour.bookings)?);
            self.hour.tickets.push(whole(hour.tickets)?);
            self.hour.revenue_minor.push(hour.revenue_minor);
        }
        Ok(())
    }

    /// In the order of the statement's parameters.
    fn bind<'a>(self) -> Statement<'a> {
        sqlx::query(sql::COMMIT_SALES)
            .bind(self.inventory.event)
            .bind(self.inventory.expected)
            .bind(self.inventory.expected_writer)
            .bind(self.inventory.writer)
            .bind(self.inventory.counts)
            .bind(self.inventory.due_at)
            .bind(self.inventory.bookings)
            .bind(self.inventory.revenue_minor)
            .bind(self.inventory.sold_out_at)
            .bind(self.lot.event)
            .bind(self.lot.ticket_type)
            .bind(self.lot.section)
            .bind(self.lot.price_minor)
            .bind(self.lot.currency)
            .bind(self.lot.status)
            .bind(self.lot.created_at)
            .bind(self.lot.confirmed_at)
            .bind(self.lot.hold_expires_at)
            .bind(self.booking.lot)
            .bind(self.booking.booking)
            .bind(self.booking.user)
            .bind(self.booking.quantity)
            .bind(self.booking.key)
            .bind(self.booking.fingerprint)
            .bind(self.booking.seats)
            .bind(self.seat.event)
            .bind(self.seat.booking)
            .bind(self.seat.label)
            .bind(self.hour.event)
            .bind(self.hour.start)
            .bind(self.hour.bookings)
            .bind(self.hour.tickets)
            .bind(self.hour.revenue_minor)
    }
}

/// Whether two bookings differ in nothing but owner, quantity, key and seats.
fn are_of_one_lot(one: &Booking, other: &Booking) -> bool {
    let of = |booking: &Booking| {
        let item = &booking.items[0];
        (
            (
                booking.event_id,
                item.ticket_type_id,
                item.section_id,
                item.price_minor,
            ),
            (booking.currency, booking.status, booking.created_at),
            (booking.confirmed_at, booking.hold_expires_at),
        )
    };
    of(one) == of(other)
}

impl Lots {
    fn add(&mut self, booking: &Booking) {
        let item = &booking.items[0];
        self.event.push(booking.event_id.uuid());
        self.ticket_type.push(item.ticket_type_id.uuid());
        self.section.push(item.section_id.uuid());
        self.price_minor.push(item.price_minor);
        self.currency.push(Currency::code(booking.currency));
        self.status.push(booking.status.as_str());
        self.created_at.push(instant(booking.created_at));
        self.confirmed_at.push(optional_instant(booking.confirmed_at));
        self.hold_expires_at
            .push(optional_instant(booking.hold_expires_at));
    }
}

impl Bookings {
    fn add(&mut self, lot: usize, booking: &Booking) -> Result<(), Fault> {
        let item = &booking.items[0];
        self.lot.push(whole(lot)?);
        self.booking.push(booking.id.uuid());
        self.user.push(booking.user_id.uuid());
        let quantity = i32::try_from(item.quantity);
        self.quantity
            .push(quantity.map_err(|error| Fault::Broken(error.to_string()))?);
        self.key
            .push(booking.key.as_ref().map(|(key, _)| key.as_str().to_owned()));
        let fingerprint = booking
            .key
            .as_ref()
            .map(|(_, fingerprint)| fingerprint.to_bytes());
        self.fingerprint.push(fingerprint.map(Uuid::from_bytes));
        if !item.seats.is_empty() {
            // The list is as long as the last booking with seats: beyond its end a list reads as nulls.
            self.seats.resize(self.booking.len() - 1, None);
            self.seats.push(Some(to_json(&item.seats)?));
        }
        Ok(())
    }
}

//! What time brings: holds run out, offers lapse, the waitlist closes with the sales, a cancelled event's bookings
//! end. Done in bounded steps, before whatever is asked.

use super::super::inventory::{Context, Inventory, Stop};
use super::super::need::Need;
use super::after;
use super::cancel::Ending;
use crate::domain::{Booking, BookingStatus, EndReason, Entry, EntryStatus, EventStatus, Timestamp};
use std::sync::Arc;

impl Inventory {
    /// Does what is due. `sweeping`: also the steps that only a sweep takes (a cancelled event's).
    ///
    /// Judging expiry here, whenever the event is used, is what makes a hold end at its instant (rule 5): the
    /// sweeper only makes the consequences prompt.
    pub(super) fn catch_up(&mut self, sweeping: bool, context: Context<'_>) -> Result<(), Stop> {
        if self.due_at.is_none_or(|due| due > context.now) {
            // What was loaded for an instant that the clock has gone back from will not be all by then.
            self.due = None;
            return Ok(());
        }
        match (self.event.status, sweeping) {
            (EventStatus::Cancelled, true) => self.step_of_cancelling(context),
            (EventStatus::Cancelled, false) => Ok(()),
            _ => self.expire(context),
        }
    }

    fn expire(&mut self, context: Context<'_>) -> Result<(), Stop> {
        let Some(due) = &self.due else {
            let until = self.over_until(context.now);
            return Err(self.missing(|need| need.due = Some(until)));
        };
        let later = due.later;
        // The batch may have moved a hold since it was loaded: what is remembered counts.
        let sales_are_over = self.event.closes_at() <= context.now;
        let (over, not_yet): (Vec<_>, Vec<_>) =
            self.as_remembered(&due.bookings)?
                .into_iter()
                .partition(|booking| {
                    booking.is_hold_over(context.now) || sales_are_over && booking.entry_id.is_some()
                });
        let endings = self.endings(over, BookingStatus::Expired, EntryStatus::Lapsed)?;
        let due_before = self.due_at;
        let not_yet = not_yet.iter().filter_map(|booking| booking.hold_expires_at);
        self.due_at = not_yet.chain(later).min();
        if let Err(stop) = self.end_bookings(endings, context) {
            self.due_at = due_before;
            return Err(stop);
        }
        self.due = None;
        self.note_due_moved(due_before);
        if let Err(stop) = self.close_or_serve(context) {
            self.note_due(Some(context.now));
            return Err(stop);
        }
        self.note_sales_due(context.now);
        match self.due_at {
            // More than one batch was due.
            Some(due) if due <= context.now => {
                let until = self.over_until(context.now);
                Err(self.missing(|need| need.due = Some(until)))
            }
            _ => Ok(()),
        }
    }

    /// Up to which expiry a hold may be over by now: once sales close an offer is, however long it was to last (rule 7).
    fn over_until(&self, now: Timestamp) -> Timestamp {
        // What is asked for now may be looked at a little later.
        match self.event.closes_at() <= after(now, 60) {
            true => Timestamp::MAX,
            false => now,
        }
    }

    fn close_or_serve(&mut self, context: Context<'_>) -> Result<(), Stop> {
        if self.event.closes_at() <= context.now {
            self.close_waitlist()
        } else {
            self.serve_all(context)
        }
    }

    /// Ends a batch of a cancelled event's bookings, then of its waitlist; nothing is due once all has ended
    /// (rule 9).
    fn step_of_cancelling(&mut self, context: Context<'_>) -> Result<(), Stop> {
        let Some(live) = &self.live else {
            return Err(self.missing(|need| need.live = true));
        };
        let all = live.len() < Need::BATCH;
        let live = self
            .as_remembered(live)?
            .into_iter()
            .filter(|booking| booking.status.takes_capacity());
        let mut endings = self.endings(live.collect(), BookingStatus::Cancelled, EntryStatus::Closed)?;
        for ending in &mut endings {
            ending.reason = Some(EndReason::EventCancelled);
        }
        self.end_bookings(endings, context)?;
        self.live = None;
        if all {
            self.close_waitlist()?;
            self.set_due_at(None);
        }
        Ok(())
    }

    /// These bookings as the inventory remembers them.
    fn as_remembered(&self, bookings: &[Arc<Booking>]) -> Result<Vec<Arc<Booking>>, Stop> {
        let remembered = bookings.iter().map(|booking| self.find_booking(booking.id));
        Ok(remembered
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    /// How bookings end, with the offers that holds may be: all of these are asked for at once.
    fn endings(
        &self,
        bookings: Vec<Arc<Booking>>,
        status: BookingStatus,
        entry_status: EntryStatus,
    ) -> Result<Vec<Ending>, Stop> {
        let offers = bookings
            .iter()
            .filter(|booking| booking.status == BookingStatus::Held);
        let unknown: Vec<_> = offers
            .filter_map(|booking| booking.entry_id)
            .filter(|id| self.find_entry(*id).is_err())
            .collect();
        if !unknown.is_empty() {
            return Err(self.missing(|need| need.entries = unknown));
        }
        bookings
            .iter()
            .map(|booking| self.ending_of(booking, status, entry_status))
            .collect()
    }

    /// How a booking ends, with the offer that a hold may be.
    pub(super) fn ending_of(
        &self,
        booking: &Arc<Booking>,
        status: BookingStatus,
        entry_status: EntryStatus,
    ) -> Result<Ending, Stop> {
        let offer = match booking.entry_id {
            Some(id) if booking.status == BookingStatus::Held => self.find_entry(id)?,
            _ => None,
        };
        let reason = offer.as_ref().and(match entry_status {
            EntryStatus::Lapsed => Some(EndReason::OfferLapsed),
            EntryStatus::Declined => Some(EndReason::OfferDeclined),
            _ => None,
        });
        Ok(Ending {
            booking: Arc::clone(booking),
            status,
            reason,
            offer: offer.map(|entry| (entry, entry_status)),
        })
    }

    /// Closes everybody who waits, as far as the line is known; asks for the rest.
    fn close_waitlist(&mut self) -> Result<(), Stop> {
        for index in 0..self.sections.len() {
            while self.sections[index].count.waiting > 0 {
                let waiting: Vec<_> = self.known_head(index)?.cloned().collect();
                if waiting.is_empty() {
                    break;
                }
                for entry in waiting {
                    let closed = Entry {
                        status: EntryStatus::Closed,
                        ..(*entry).clone()
                    };
                    self.change_entry(&entry, closed);
                }
            }
        }
        Ok(())
    }
}

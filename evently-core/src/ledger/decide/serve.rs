//! Serving the waitlist (rule 7): who gets what is free, who is passed over, what is saved.

use super::super::inventory::{Context, Inventory, Stop};
use super::super::need::{Need, WaitlistNeed};
use super::super::seats::SeatsWanted;
use super::after;
use crate::domain::{
    Booking, BookingId, BookingItem, BookingStatus, Entry, EntryId, EntryStatus, Source, Timestamp, UserId,
    WaitlistPolicy,
};
use smallvec::smallvec;
use std::sync::Arc;

/// What is about to become free of a section, on top of what is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Freed<'a> {
    /// So many places that anybody may be given.
    pub(super) places: u32,
    /// By which users' tickets.
    pub(super) users: &'a [(UserId, u32)],
    /// Whose entry leaves the line.
    pub(super) without: Option<EntryId>,
}

/// Who is served, in order, and what that leaves.
#[derive(Debug, Default)]
pub(super) struct Service {
    promoted: Vec<Arc<Entry>>,
    /// Who is passed over, with the new number of passes.
    passed: Vec<(Arc<Entry>, u32)>,
    left: u32,
    /// The most that could ever be left.
    most: u32,
    /// What is left is kept for somebody who was passed over too often.
    saved: bool,
    /// More of the line must be loaded to serve the rest.
    unfinished: bool,
}

impl Service {
    /// Who is served, in order.
    pub(super) fn promoted(&self) -> &[Arc<Entry>] {
        &self.promoted
    }

    /// What a newcomer may take of what is left.
    fn room(&self) -> u32 {
        if self.saved { 0 } else { self.left }
    }
}

impl Inventory {
    /// How many users' totals are asked for at a time when the line is served under a per-user limit.
    const STANDINGS: usize = 64;

    /// How much of a section's line is known at most, and so how many are served by one commit: whom that leaves out,
    /// the next one serves.
    const LINE: usize = 8 * Need::BATCH;

    /// How many places a newcomer may take of a section, after everybody who fits was served: nobody passes one who
    /// fits, and nobody takes what is saved.
    pub(super) fn room(&mut self, index: usize, context: Context<'_>) -> Result<u32, Stop> {
        let free = self.sections[index].free_ordinary();
        if self.sections[index].count.waiting == 0 || free == 0 {
            return Ok(free);
        }
        let service = self.plan_service(index, Freed::default(), context.now)?;
        let (places, unfinished) = (service.room(), service.unfinished);
        self.apply_service(index, service, context);
        if unfinished {
            return Err(self.missing_line(index, None, None));
        }
        Ok(places)
    }

    /// How many places [`room`](Self::room) would find, as far as the line is known; changes nothing.
    pub(super) fn places_left(&self, index: usize, now: Timestamp) -> Result<u32, Stop> {
        Ok(self.plan_service(index, Freed::default(), now)?.room())
    }

    /// Counts a pass on everybody whom a newcomer overtook.
    pub(super) fn pass_by(&mut self, index: usize) {
        let waiting: Vec<_> = self.sections[index]
            .line
            .head()
            .map(|head| head.cloned().collect())
            .unwrap_or_default();
        for entry in waiting {
            if !self.is_at_limit(&entry, &[]).unwrap_or(false) {
                let passed = Entry {
                    passes: entry.passes.saturating_add(1),
                    ..(*entry).clone()
                };
                self.change_entry(&entry, passed);
            }
        }
    }

    /// Serves every section's line with what is free.
    pub(super) fn serve_all(&mut self, context: Context<'_>) -> Result<(), Stop> {
        for index in 0..self.sections.len() {
            self.room(index, context)?;
        }
        Ok(())
    }

    /// Who is to be served once something is freed; changes nothing.
    ///
    /// In order of joining: whoever fits is served; whoever does not is passed over by each one served behind
    /// them; one passed over too often gets what is left saved, and the service ends.
    pub(super) fn plan_service(
        &self,
        index: usize,
        freed: Freed<'_>,
        now: Timestamp,
    ) -> Result<Service, Stop> {
        let section = &self.sections[index];
        let mut service = Service {
            left: section.free_ordinary() + freed.places,
            most: section.all_ordinary(),
            ..Service::default()
        };
        // With the waitlist off nobody joins, but whoever waits already is served: nobody may pass them.
        if !self.event.is_on_sale(now) || section.count.waiting == 0 || service.left == 0 {
            return Ok(service);
        }
        let mut kept = 0;
        for entry in self
            .known_head(index)?
            .filter(|entry| Some(entry.id) != freed.without)
        {
            if service.left == 0 || service.saved {
                break;
            }
            if self.is_at_limit(entry, freed.users)? {
                kept += 1;
            } else {
                service.meet(entry);
            }
        }
        let Some(behind) = section.line.more_after() else {
            return Ok(service);
        };
        if service.left == 0 || service.saved {
            return Ok(service);
        }
        if service.passed.len() < Need::BATCH && section.line.head_len() < Self::LINE {
            return Err(self.missing_line(index, Some(behind), None));
        }
        if service.passed.is_empty() && kept == 0 {
            service.unfinished = true;
            return Ok(service);
        }
        self.plan_beyond(index, behind, freed, service)
    }

    /// Goes on behind the known head: only who fits is known there.
    fn plan_beyond(
        &self,
        index: usize,
        behind: u64,
        freed: Freed<'_>,
        mut service: Service,
    ) -> Result<Service, Stop> {
        let section = &self.sections[index];
        // Whoever wants more than one user is granted is not to be looked at.
        let fits = service
            .left
            .min(self.event.policy.per_user_limit.unwrap_or(u32::MAX));
        let Some((fitting, whole)) = section.line.beyond(fits) else {
            return Err(self.missing_line(index, Some(behind), Some(fits)));
        };
        let before = service.promoted.len();
        for entry in fitting.iter().filter(|entry| Some(entry.id) != freed.without) {
            if service.left == 0 || service.saved {
                break;
            }
            if entry.quantity <= service.left && !self.is_at_limit(entry, freed.users)? {
                service.meet(entry);
            }
        }
        service.unfinished = !whole && service.left > 0 && !service.saved && service.promoted.len() > before;
        Ok(service)
    }

    /// Does what was planned.
    pub(super) fn apply_service(&mut self, index: usize, service: Service, context: Context<'_>) {
        for entry in &service.promoted {
            self.promote(index, entry, context);
        }
        for (entry, passes) in service.passed {
            if passes != entry.passes {
                let passed = Entry {
                    passes,
                    ..(*entry).clone()
                };
                self.change_entry(&entry, passed);
            }
        }
        if service.unfinished {
            self.set_due_at(Some(context.now));
        }
    }

    /// Makes the booking, or the offer, that an entry waited for.
    fn promote(&mut self, index: usize, entry: &Arc<Entry>, context: Context<'_>) {
        let Some(price_minor) = self
            .event
            .ticket_type(entry.ticket_type_id)
            .map(|kind| kind.price_minor)
        else {
            return;
        };
        let seats = match &self.sections[index].seats {
            None => Vec::new(),
            Some(seats) => match seats.best(SeatsWanted::ordinary(entry.quantity)) {
                Some(labels) => labels,
                None => return,
            },
        };
        let offer = self.event.policy.waitlist == WaitlistPolicy::Offer;
        // Offers stop when sales close.
        let latest = after(context.now, self.event.policy.offer_seconds);
        let expires = offer.then(|| latest.min(self.event.closes_at()));
        let booking = Booking {
            id: BookingId::from_uuid(context.ids.next(context.now)),
            event_id: self.event.id,
            user_id: entry.user_id,
            status: if offer {
                BookingStatus::Held
            } else {
                BookingStatus::Confirmed
            },
            items: smallvec![BookingItem {
                ticket_type_id: entry.ticket_type_id,
                section_id: entry.section_id,
                quantity: entry.quantity,
                seats,
                price_minor,
            }],
            currency: self.event.currency,
            hold_expires_at: expires,
            payment_reference: None,
            source: Source::Waitlist,
            entry_id: Some(entry.id),
            reason: None,
            key: None,
            created_at: context.now,
            confirmed_at: (!offer).then_some(context.now),
            ended_at: None,
        };
        let served = Entry {
            status: if offer {
                EntryStatus::Offered
            } else {
                EntryStatus::Converted
            },
            booking_id: Some(booking.id),
            offer_expires_at: expires,
            ..(**entry).clone()
        };
        self.add_booking(booking);
        self.change_entry(entry, served);
    }

    /// The head of a section's line, or the wish to load it.
    pub(super) fn known_head(&self, index: usize) -> Result<impl Iterator<Item = &Arc<Entry>>, Stop> {
        self.sections[index]
            .line
            .head()
            .ok_or_else(|| self.missing_line(index, None, None))
    }

    /// The wish to load what follows in a section's line, of those who wait for at most so many.
    fn missing_line(&self, index: usize, after: Option<u64>, at_most: Option<u32>) -> Stop {
        let section_id = self.sections[index].count.section_id;
        self.missing(|need| {
            need.waitlist.push(WaitlistNeed {
                section_id,
                after,
                at_most,
            })
        })
    }

    /// Whether the policy's per-user limit keeps an entry from being served now (rule 4). Such an entry keeps its
    /// place, counts no pass and holds nobody up.
    fn is_at_limit(&self, entry: &Entry, freed: &[(UserId, u32)]) -> Result<bool, Stop> {
        let Some(limit) = self.event.policy.per_user_limit else {
            return Ok(false);
        };
        let Some(standing) = self.users.get(&entry.user_id) else {
            let waiting = self
                .sections
                .iter()
                .filter_map(|section| section.line.head())
                .flatten();
            let unknown = waiting
                .map(|entry| entry.user_id)
                .filter(|user| self.users.get(user).is_none());
            let users = std::iter::once(entry.user_id)
                .chain(unknown)
                .take(Self::STANDINGS);
            return Err(self.missing(|need| need.users.extend(users)));
        };
        let freed: u32 = freed
            .iter()
            .filter(|(user, _)| *user == entry.user_id)
            .map(|(_, tickets)| tickets)
            .sum();
        Ok(standing
            .tickets
            .saturating_sub(freed)
            .saturating_add(entry.quantity)
            > limit)
    }
}

impl Service {
    /// The next in line: served if they fit; else passed over, or kept for. Nothing is kept for who asks for more than
    /// there is of the section: whoever joins so could keep all others out for good.
    fn meet(&mut self, entry: &Arc<Entry>) {
        if entry.quantity <= self.left {
            self.left -= entry.quantity;
            self.promoted.push(Arc::clone(entry));
            for (passed, passes) in &mut self.passed {
                *passes = passes.saturating_add(1);
                self.saved |= *passes >= Entry::MAX_PASSES && passed.quantity <= self.most;
            }
        } else if entry.passes >= Entry::MAX_PASSES && entry.quantity <= self.most {
            self.saved = true;
        } else {
            self.passed.push((Arc::clone(entry), entry.passes));
        }
    }
}

//! Changes of the event itself (rules 8 and 9).

use super::super::inventory::{Context, Inventory, SectionState, Stop};
use super::super::outcome::{Preview, Receipt, Refusal};
use super::super::seats::SeatMap;
use super::invalid;
use super::serve::{Freed, Service};
use crate::domain::{Event, EventDraft, EventStatus, Section, SectionCount, WaitlistPolicy};
use crate::store::Listing;
use std::sync::Arc;

/// A change that may be made: the event, its sections, and who is served in each of them.
struct Planned {
    event: Event,
    sections: Vec<SectionState>,
    services: Vec<Service>,
}

impl Inventory {
    /// Gives the event another definition. What is sold or held stays where it is, and whoever then fits is
    /// served. One that is no other changes nothing, the version neither.
    pub(super) fn change(
        &mut self,
        expected: u64,
        draft: &EventDraft,
        context: Context<'_>,
    ) -> Result<Receipt, Stop> {
        let planned = self.plan_change(expected, draft, context)?;
        if planned.event == *self.event {
            return Ok(Receipt::Event(self.listing()));
        }
        self.put_event(planned.event, planned.sections, context.now);
        for (index, service) in planned.services.into_iter().enumerate() {
            self.apply_service(index, service, context);
        }
        Ok(Receipt::Event(self.listing()))
    }

    /// Tells what [`change`](Self::change) would do; changes nothing.
    pub(super) fn preview(
        &mut self,
        expected: u64,
        draft: &EventDraft,
        context: Context<'_>,
    ) -> Result<Receipt, Stop> {
        let planned = self.plan_change(expected, draft, context)?;
        let mut counts: Vec<SectionCount> = planned.sections.iter().map(|state| state.count).collect();
        let mut served = Vec::new();
        for (count, service) in counts.iter_mut().zip(&planned.services) {
            for entry in service.promoted() {
                count.waiting = count.waiting.saturating_sub(1);
                match planned.event.policy.waitlist {
                    WaitlistPolicy::Offer => count.held += entry.quantity,
                    WaitlistPolicy::Auto | WaitlistPolicy::Off => count.sold += entry.quantity,
                }
                served.push(Arc::clone(entry));
            }
        }
        let before = self.listing();
        let after = Listing {
            version: before.version + u64::from(planned.event != *self.event),
            event: Arc::new(planned.event),
            counts,
        };
        Ok(Receipt::Preview(Box::new(Preview {
            before,
            after,
            served,
        })))
    }

    /// Looks whether the event may be given another definition, and what that takes; changes nothing.
    fn plan_change(
        &mut self,
        expected: u64,
        draft: &EventDraft,
        context: Context<'_>,
    ) -> Result<Planned, Stop> {
        if self.event.status == EventStatus::Cancelled {
            return Err(Refusal::EventCancelled.into());
        }
        if self.event.version != expected {
            return Err(Refusal::VersionConflict {
                current: self.event.version,
            }
            .into());
        }
        let mut event = draft
            .build(Some(&self.event), context.limits, context.ids, context.now)
            .map_err(Refusal::Invalid)?;
        match (self.event.status, draft.status) {
            (EventStatus::Draft, EventStatus::Published) => event.status = EventStatus::Published,
            (EventStatus::Published, EventStatus::Draft) => {
                return Err(invalid("status", "must stay published").into());
            }
            _ => {}
        }
        let same = Event {
            version: event.version,
            updated_at: event.updated_at,
            ..(*self.event).clone()
        };
        if event == same {
            event = (*self.event).clone();
        }
        self.require_kept(&event)?;
        let sections = event.sections.iter().map(|section| self.carry_over(section));
        let sections = sections.collect::<Result<Vec<_>, _>>()?;
        let (services, sections) = self.plan_under(&event, sections, context)?;
        Ok(Planned {
            event,
            sections,
            services,
        })
    }

    /// Who is served under another definition, and the sections as they are under it.
    fn plan_under(
        &mut self,
        event: &Event,
        sections: Vec<SectionState>,
        context: Context<'_>,
    ) -> Result<(Vec<Service>, Vec<SectionState>), Stop> {
        let event_before = std::mem::replace(&mut self.event, Arc::new(event.clone()));
        let sections_before = std::mem::replace(&mut self.sections, sections);
        let plans = (0..self.sections.len())
            .map(|index| self.plan_service(index, Freed::default(), context.now))
            .collect::<Result<Vec<_>, _>>();
        self.event = event_before;
        let sections = std::mem::replace(&mut self.sections, sections_before);
        Ok((plans?, sections))
    }

    /// Publishes a draft.
    pub(super) fn publish(&mut self, context: Context<'_>) -> Result<Receipt, Stop> {
        match self.event.status {
            EventStatus::Published => {}
            EventStatus::Cancelled => return Err(Refusal::EventCancelled.into()),
            EventStatus::Draft => self.put_status(EventStatus::Published, context),
        }
        Ok(Receipt::Event(self.listing()))
    }

    /// Cancels the event: from here on nothing is sold, and its bookings end in steps.
    pub(super) fn cancel_event(&mut self, context: Context<'_>) -> Result<Receipt, Stop> {
        match self.event.status {
            EventStatus::Cancelled => {}
            EventStatus::Draft => return Err(Refusal::NotPublished.into()),
            EventStatus::Published => {
                self.put_status(EventStatus::Cancelled, context);
                self.note_due(Some(context.now));
            }
        }
        Ok(Receipt::Event(self.listing()))
    }

    /// Deletes a draft.
    pub(super) fn delete(&mut self) -> Result<Receipt, Stop> {
        if self.event.status != EventStatus::Draft {
            return Err(Refusal::NotDraft.into());
        }
        self.delete_event();
        Ok(Receipt::Done)
    }

    fn put_status(&mut self, status: EventStatus, context: Context<'_>) {
        let mut event = (*self.event).clone();
        event.status = status;
        event.version += 1;
        event.updated_at = context.now;
        let sections = std::mem::take(&mut self.sections);
        self.put_event(event, sections, context.now);
    }

    /// Refuses to drop what somebody has or waits for.
    fn require_kept(&self, event: &Event) -> Result<(), Refusal> {
        let mut taken_at_all = false;
        for state in &self.sections {
            let taken = state.count.sold + state.count.held;
            taken_at_all |= taken > 0;
            let kept = event.section(state.count.section_id);
            let dropped = self.event.ticket_types.iter().any(|kind| {
                kind.section_id == state.count.section_id
                    && event
                        .ticket_type(kind.id)
                        .is_none_or(|now| now.section_id != kind.section_id)
            });
            // What is taken is counted by section: while something is, no type that draws from it goes.
            if taken > 0 && (kept.is_none() || dropped) {
                return Err(Refusal::BelowSold { sold: taken });
            }
            if state.count.waiting > 0 && (kept.is_none() || dropped) {
                return Err(invalid(
                    "ticket_types",
                    "must stay while somebody is on the waitlist for them",
                ));
            }
        }
        if taken_at_all && event.currency != self.event.currency {
            return Err(invalid("currency", "must stay once something is sold or held"));
        }
        Ok(())
    }

    /// A section as it is under its new definition, with what is taken of it.
    fn carry_over(&self, section: &Section) -> Result<SectionState, Refusal> {
        let Some(index) = self.section_index(section.id) else {
            let mut state = SectionState::unknown(SectionCount::empty(section));
            state.seats = section.is_reserved().then(|| SeatMap::new(section.rows()));
            return Ok(state);
        };
        let old = &self.sections[index];
        let taken = old.count.sold + old.count.held;
        let below_sold = Refusal::BelowSold { sold: taken };
        if taken > section.capacity() || (taken > 0 && section.is_reserved() != old.seats.is_some()) {
            return Err(below_sold);
        }
        let mut seats = section.is_reserved().then(|| SeatMap::new(section.rows()));
        if let (Some(new), Some(old)) = (&mut seats, &old.seats) {
            for label in old.taken() {
                if !new.is_free(label) {
                    return Err(below_sold);
                }
                new.take(label);
            }
        }
        let count = SectionCount {
            capacity: section.capacity(),
            ..old.count
        };
        Ok(SectionState {
            count,
            seats,
            line: old.line.clone(),
        })
    }
}

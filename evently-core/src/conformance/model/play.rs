//! Plays a history on the engine and on the model, and says what first does not agree.

use super::compare::{both, ensure, unless_done};
use super::rules::{Made, Model, No, Verdict};
use super::script::{Ask, By, KeyChoice, Layout, PEOPLE, Pick, Script, Step, Wish};
use super::wording::draft;
use crate::conformance::world::{World, key, settled};
use crate::domain::{
    BookingId, Caller, Entry, EntryId, Event, EventDraft, EventId, SeatingDraft, TicketTypeId, Timestamp,
};
use crate::ledger::{BookingKind, OnFull};
use crate::requests::{BookRequest, JoinRequest, Outcome, Placed};
use crate::{Evently, Refusal};
use std::{cell::Cell, sync::Arc};

/// What does not agree, in words.
pub(super) type Disagreement = String;

/// One history under way.
pub(super) struct Play<'w> {
    pub(super) world: &'w World,
    pub(super) evently: &'w Evently,
    pub(super) id: EventId,
    pub(super) kinds: Vec<TicketTypeId>,
    pub(super) seated: bool,
    pub(super) start: Timestamp,
    pub(super) people: Vec<Caller>,
    pub(super) model: Model,
    /// By the model's place; `None` until the engine has told.
    pub(super) bookings: Vec<Option<BookingId>>,
    pub(super) entries: Vec<EntryId>,
    keyed: Vec<(Ask, String)>,
    fresh_keys: u32,
}

/// Plays a history on a new event.
pub(super) async fn play(world: &World, script: &Script) -> Result<(), Disagreement> {
    let event = world.create(draft(world, &script.setup)).await;
    let mut play = Play {
        world,
        evently: &world.evently,
        id: event.id,
        kinds: event.ticket_types.iter().map(|kind| kind.id).collect(),
        seated: script.setup.layout == Layout::Seats,
        start: world.now(),
        people: world.users(PEOPLE),
        model: Model::new(&script.setup),
        bookings: Vec::new(),
        entries: Vec::new(),
        keyed: Vec::new(),
        fresh_keys: 0,
    };
    for (number, step) in script.steps.iter().enumerate() {
        let said = |what: Disagreement| format!("step {number} {step:?}: {what}");
        if play.seated {
            // Which seats the waitlist is given only the engine knows: it must tell before they are asked for.
            play.step(&Step::Sweep).await.map_err(said)?;
        }
        play.step(step).await.map_err(said)?;
    }
    play.step(&Step::Sweep)
        .await
        .map_err(|what| format!("at last: {what}"))?;
    let audit = settled(|| async { Ok(world.store.audit(event.id).await?) }).await;
    let differences = audit
        .map_err(|refusal| refusal.to_string())?
        .map(|audit| audit.differences());
    ensure("a recount", &differences, &Some(Vec::new()))
}

impl Play<'_> {
    /// One step on both sides, then everything that is stored is compared.
    async fn step(&mut self, step: &Step) -> Result<(), Disagreement> {
        match step {
            Step::Book(ask) => {
                let key = self.key(ask.key);
                self.keyed.push((ask.clone(), key.clone()));
                self.book(ask.clone(), key).await?;
            }
            Step::Repeat(pick) => {
                if let Some((ask, key)) = chosen(&self.keyed, *pick) {
                    self.book(ask, key).await?;
                }
            }
            Step::Join {
                by,
                kind,
                quantity,
                key,
            } => {
                let key = self.key(*key);
                self.join(*by, *kind, *quantity, key).await?;
            }
            Step::Churn { by, kind, times } => {
                for _ in 0..*times {
                    self.book_and_cancel(*by, *kind).await?;
                }
            }
            Step::Advance(seconds) => {
                self.world.advance(*seconds);
                self.model.now += seconds;
            }
            Step::Sweep => {
                self.world.sweep(self.id).await;
                self.model.settle();
            }
            Step::CancelEvent => {
                let listing = settled(|| self.evently.cancel_event(&self.world.admin, self.id)).await;
                listing.map_err(|refusal| refusal.to_string())?;
                self.model.cancel_event();
            }
            Step::Resize { section, capacity } => self.resize(*section, *capacity).await?,
            Step::SetLimit(limit) => self.set_limit(*limit).await?,
            Step::Confirm { .. } | Step::Extend { .. } | Step::Cancel { .. } => {
                self.use_booking(step).await?
            }
            Step::Leave { .. } | Step::Accept { .. } | Step::Decline { .. } => self.use_entry(step).await?,
        }
        self.compare().await
    }

    fn key(&mut self, choice: KeyChoice) -> String {
        match choice {
            KeyChoice::Shared(number) => format!("shared-{number}"),
            KeyChoice::Fresh => {
                self.fresh_keys += 1;
                format!("fresh-{}", self.fresh_keys)
            }
        }
    }

    async fn book(&mut self, ask: Ask, text: String) -> Result<(), Disagreement> {
        let by = self.people[ask.by];
        let request = BookRequest {
            kind: if ask.held {
                BookingKind::Held
            } else {
                BookingKind::Confirmed
            },
            on_full: if ask.or_waitlist {
                OnFull::Waitlist
            } else {
                OnFull::Reject
            },
            key: Some(key(&text)),
            ..BookRequest::new(self.selection(&ask.wish))
        };
        let tries = Cell::new(0);
        let answer = settled(|| {
            tries.set(tries.get() + 1);
            self.evently.book(&by, self.id, request.clone())
        });
        let answer = answer.await;
        let verdict = self
            .model
            .book(ask.by, &ask.wish, ask.held, ask.or_waitlist, &text);
        self.placed(answer, verdict, tries.get() > 1)
    }

    async fn book_and_cancel(&mut self, by: usize, kind: usize) -> Result<(), Disagreement> {
        let ask = Ask {
            by,
            wish: Wish::Quantity { kind, quantity: 1 },
            held: false,
            or_waitlist: false,
            key: KeyChoice::Fresh,
        };
        let key = self.key(ask.key);
        self.book(ask, key).await?;
        self.compare().await?;
        let booking = self.bookings.len().saturating_sub(1);
        let by = By::Owner;
        self.use_booking(&Step::Cancel { booking, by }).await?;
        self.compare().await
    }

    async fn join(
        &mut self,
        by: usize,
        kind: usize,
        quantity: u32,
        text: String,
    ) -> Result<(), Disagreement> {
        let caller = self.people[by];
        let request = JoinRequest {
            quantity,
            ticket_type_id: Some(self.kind(kind)),
            key: Some(key(&text)),
        };
        let tries = Cell::new(0);
        let answer = settled(|| {
            tries.set(tries.get() + 1);
            self.evently.join(&caller, self.id, request.clone())
        });
        let answer = answer.await;
        let verdict = self.model.join(by, kind, quantity, &text);
        self.placed(answer, verdict, tries.get() > 1)
    }

    /// Compares what a request made; learns the ids of what is new.
    fn placed(
        &mut self,
        answer: Result<Placed, Refusal>,
        verdict: Verdict<(Made, bool)>,
        asked_again: bool,
    ) -> Result<(), Disagreement> {
        let Some((placed, (made, replayed))) = both(answer, verdict)? else {
            return Ok(());
        };
        if !asked_again {
            ensure("replayed", &placed.replayed, &replayed)?;
        }
        match (&placed.outcome, made) {
            (Outcome::Booking(booking), Made::Booking(index)) if replayed => {
                ensure("the booking", &Some(booking.id), &self.bookings[index])
            }
            (Outcome::Entry(placed), Made::Entry(index)) if replayed => {
                ensure("the entry", &placed.entry.id, &self.entries[index])
            }
            (Outcome::Booking(booking), Made::Booking(index)) => {
                // What time served in the same step comes before it in the model, and is learnt later.
                self.bookings.resize(index + 1, None);
                self.bookings[index] = Some(booking.id);
                Ok(())
            }
            (Outcome::Entry(placed), Made::Entry(_)) => {
                self.entries.push(placed.entry.id);
                Ok(())
            }
            (engine, model) => Err(format!("the engine made {engine:?}, the model {model:?}")),
        }
    }

    async fn use_booking(&mut self, step: &Step) -> Result<(), Disagreement> {
        let (pick, by) = match step {
            Step::Confirm { booking, by } | Step::Cancel { booking, by } => (*booking, *by),
            Step::Extend { booking } => (*booking, By::Owner),
            _ => return Ok(()),
        };
        let Some((index, Some(id))) = chosen_at(&self.bookings, pick) else {
            return Ok(());
        };
        let caller = match by {
            By::Owner => self.people[self.model.bookings[index].by],
            By::Admin => self.world.admin,
            By::Stranger => self.world.user(),
        };
        let answer = match step {
            Step::Confirm { .. } => settled(|| self.evently.confirm(&caller, id, None)).await,
            Step::Extend { .. } => settled(|| self.evently.extend(&caller, id)).await,
            _ => settled(|| self.evently.cancel(&caller, id)).await,
        };
        let verdict = match (by, step) {
            (By::Stranger, _) => Err(vec![No::NotFound]),
            (_, Step::Confirm { .. }) => self.model.confirm(index),
            (_, Step::Extend { .. }) => self.model.extend(index),
            _ => self.model.cancel(index),
        };
        let answer = unless_done(answer, &verdict, &Refusal::HoldLimit);
        if let Some((Some(booking), _)) = both(answer, verdict)? {
            ensure("the booking", &booking.id, &id)?;
        }
        Ok(())
    }

    async fn use_entry(&mut self, step: &Step) -> Result<(), Disagreement> {
        let (Step::Leave { entry } | Step::Accept { entry } | Step::Decline { entry }) = step else {
            return Ok(());
        };
        let Some((index, id)) = chosen_at(&self.entries, *entry) else {
            return Ok(());
        };
        let caller = self.people[self.model.entries[index].by];
        let entry_id = |entry: Arc<Entry>| entry.id;
        let answer: Result<Result<EntryId, BookingId>, Refusal> = match step {
            Step::Leave { .. } => settled(|| self.evently.leave(&caller, id))
                .await
                .map(|it| Ok(entry_id(it))),
            Step::Accept { .. } => settled(|| self.evently.accept(&caller, id))
                .await
                .map(|it| Err(it.id)),
            _ => settled(|| self.evently.decline(&caller, id))
                .await
                .map(|it| Ok(entry_id(it))),
        };
        let verdict = match step {
            Step::Leave { .. } => self.model.leave(index),
            Step::Accept { .. } => self.model.accept(index),
            _ => self.model.decline(index),
        };
        match both(answer, verdict)? {
            Some((Ok(entry), _)) => ensure("the entry", &entry, &id),
            Some((Err(booking), index)) => match self.bookings.get(index).copied().flatten() {
                Some(known) => ensure("the booking", &booking, &known),
                // Made in this very step; the comparison of all entries will tell whether it is the right one.
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    async fn resize(&mut self, section: usize, capacity: u32) -> Result<(), Disagreement> {
        let count = self.model.sections.len();
        let section = if self.seated { 1 } else { section % count };
        let seating = SeatingDraft::General { capacity };
        let answer = self
            .change(|draft| draft.sections[section].seating = seating.clone())
            .await;
        let verdict = self.model.resize(section, capacity);
        both(answer, verdict).map(|_| ())
    }

    async fn set_limit(&mut self, limit: Option<u32>) -> Result<(), Disagreement> {
        let answer = self.change(|draft| draft.policy.per_user_limit = limit).await;
        let verdict = self.model.set_limit(limit);
        both(answer, verdict).map(|_| ())
    }

    /// Changes the event. One that finds the version moved on although nobody else is there was done before its
    /// answer was lost.
    async fn change(&self, edit: impl Fn(&mut EventDraft)) -> Result<(), Refusal> {
        let event: Arc<Event> = self.world.listing(self.id).await.event;
        let mut draft = EventDraft::of(&event);
        edit(&mut draft);
        let change = || {
            self.evently
                .change_event(&self.world.admin, self.id, event.version, draft.clone())
        };
        match settled(change).await {
            Ok(_) => Ok(()),
            Err(Refusal::VersionConflict { current }) if current == event.version + 1 => Ok(()),
            Err(refusal) => Err(refusal),
        }
    }
}

fn chosen<T: Clone>(list: &[T], pick: Pick) -> Option<T> {
    chosen_at(list, pick).map(|(_, it)| it)
}

fn chosen_at<T: Clone>(list: &[T], pick: Pick) -> Option<(usize, T)> {
    let index = pick.checked_rem(list.len())?;
    Some((index, list[index].clone()))
}

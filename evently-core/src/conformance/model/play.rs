//! Plays a history on the engine and on the model, and says what first does not agree.

use super::hall::{Hall, ROWS};
use super::rules::{HOLD_MOST, HOLD_SECONDS, Made, Model, No, OFFER_SECONDS, Verdict};
use super::script::{Ask, By, KeyChoice, Layout, PEOPLE, Pick, Script, Setup, Step, Wish};
use crate::conformance::world::{World, key, row, settled, stalls, ticket_type};
use crate::domain::{
    Booking, BookingId, Caller, Entry, EntryId, Event, EventDraft, EventId, Policy, SeatLabel, SeatingDraft,
    SectionDraft, TicketTypeId, Timestamp,
};
use crate::ledger::{Access, Adjacency, BookingKind, ItemRequest, OnFull, Selection};
use crate::requests::{BookRequest, JoinRequest, Outcome, Placed};
use crate::store::PlacedEntry;
use crate::{Evently, Refusal};
use std::{cell::Cell, fmt::Debug, sync::Arc};

/// What does not agree, in words.
type Disagreement = String;

/// One history under way.
struct Play<'w> {
    world: &'w World,
    evently: &'w Evently,
    id: EventId,
    kinds: Vec<TicketTypeId>,
    seated: bool,
    start: Timestamp,
    people: Vec<Caller>,
    model: Model,
    /// By the model's place; `None` until the engine has told.
    bookings: Vec<Option<BookingId>>,
    entries: Vec<EntryId>,
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

fn ensure<T: PartialEq + Debug>(what: &str, engine: &T, model: &T) -> Result<(), Disagreement> {
    match engine == model {
        true => Ok(()),
        false => Err(format!("{what}: the engine says {engine:?}, the model {model:?}")),
    }
}

fn draft(world: &World, setup: &Setup) -> EventDraft {
    let general = |name: &str, capacity| SectionDraft {
        id: None,
        name: name.to_owned(),
        seating: SeatingDraft::General { capacity },
    };
    let (sections, ticket_types) = match setup.layout {
        Layout::Hall => (vec![general("Floor", setup.capacity)], Vec::new()),
        Layout::Sections => (
            vec![general("Floor", setup.capacity), general("Balcony", 2)],
            vec![
                ticket_type("Adult", "Floor", 2000),
                ticket_type("Child", "Floor", 900),
                ticket_type("Balcony", "Balcony", 1500),
            ],
        ),
        Layout::Seats => {
            let seats = |index: usize| u32::try_from(ROWS[index]).unwrap_or(0);
            let rows = vec![row("A", seats(0)), row("B", seats(1))];
            let types = vec![
                ticket_type("Stalls", "Stalls", 3000),
                ticket_type("Floor", "Floor", 1000),
            ];
            (vec![stalls(rows), general("Floor", setup.capacity)], types)
        }
    };
    let seconds = |seconds: u64| u32::try_from(seconds).unwrap_or(u32::MAX);
    EventDraft {
        sections,
        ticket_types,
        sales_close_at: Some(world.in_seconds(setup.closes_in)),
        policy: Policy {
            per_user_limit: setup.limit,
            hold_seconds: seconds(HOLD_SECONDS),
            hold_max_seconds: Some(seconds(HOLD_MOST)),
            waitlist: setup.waitlist,
            offer_seconds: seconds(OFFER_SECONDS),
            ..Policy::default()
        },
        ..world.draft(1)
    }
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

    /// Compares every count, booking and entry.
    async fn compare(&mut self) -> Result<(), Disagreement> {
        let stored = self.world.entries(self.id).await;
        self.learn_promotions(&stored).await?;
        ensure("how many entries", &stored.len(), &self.model.entries.len())?;
        let mut ahead = 0;
        for (index, placed) in stored.iter().enumerate() {
            self.compare_entry(index, placed, &mut ahead)?;
        }
        let bookings = self.world.bookings(self.id).await;
        ensure("how many bookings", &bookings.len(), &self.model.bookings.len())?;
        for (index, id) in self.bookings.iter().enumerate() {
            let booking = bookings.iter().find(|booking| Some(booking.id) == *id);
            let booking = booking.ok_or_else(|| format!("booking {index} is not stored"))?;
            self.compare_booking(index, booking)?;
        }
        self.compare_counts().await
    }

    /// The engine tells which bookings it made for entries, and which seats it gave.
    async fn learn_promotions(&mut self, stored: &[PlacedEntry]) -> Result<(), Disagreement> {
        self.bookings.resize(self.model.bookings.len(), None);
        for index in 0..self.bookings.len() {
            if self.bookings[index].is_none() {
                let entry = self.model.bookings[index]
                    .entry
                    .ok_or("a booking of unknown origin")?;
                let placed = stored.get(entry).ok_or("an entry that is not stored")?;
                let id = placed.entry.booking_id;
                let id = id.ok_or_else(|| format!("entry {entry} was not served: {placed:?}"))?;
                self.bookings[index] = Some(id);
            }
            for item in 0..self.model.bookings[index].items.len() {
                let known = &self.model.bookings[index];
                if !known.items[item].to_be_told || !known.status.takes_capacity() {
                    continue;
                }
                let Some(id) = self.bookings[index] else { continue };
                let booking = self.world.booking(id).await;
                let seats = booking.items[item]
                    .seats
                    .iter()
                    .filter_map(|label| Hall::seat(label.as_str()));
                if let Some(fault) = self.model.told(index, item, seats.collect()) {
                    return Err(fault);
                }
            }
        }
        Ok(())
    }

    fn compare_entry(&self, index: usize, placed: &PlacedEntry, ahead: &mut u64) -> Result<(), Disagreement> {
        let (model, entry) = (&self.model.entries[index], &placed.entry);
        ensure("the entry's id", &entry.id, &self.entries[index])?;
        ensure("the entry's status", &entry.status, &model.status)?;
        ensure("the entry's quantity", &entry.quantity, &model.quantity)?;
        ensure("the entry's passes", &entry.passes, &model.passes)?;
        ensure(
            "the offer's end",
            &self.seconds(entry.offer_expires_at),
            &model.offer_expires_at,
        )?;
        let booking = model.booking.and_then(|booking| self.bookings[booking]);
        ensure("the entry's booking", &entry.booking_id, &booking)?;
        let waits = entry.status == crate::domain::EntryStatus::Waiting;
        *ahead += u64::from(waits);
        ensure("the entry's position", &placed.position, &waits.then_some(*ahead))
    }

    fn compare_booking(&self, index: usize, booking: &Booking) -> Result<(), Disagreement> {
        let model = &self.model.bookings[index];
        ensure("the owner", &booking.user_id, &self.people[model.by].user_id)?;
        ensure("the status", &booking.status, &model.status)?;
        ensure(
            "the hold's end",
            &self.seconds(booking.hold_expires_at),
            &model.expires_at,
        )?;
        ensure(
            "made at",
            &self.seconds(Some(booking.created_at)),
            &Some(model.made_at),
        )?;
        ensure("ended at", &self.seconds(booking.ended_at), &model.ended_at)?;
        ensure("once confirmed", &booking.was_confirmed(), &model.confirmed)?;
        ensure("how many items", &booking.items.len(), &model.items.len())?;
        for (item, wanted) in booking.items.iter().zip(&model.items) {
            ensure("the item's type", &item.ticket_type_id, &self.kind(wanted.kind))?;
            ensure("the item's quantity", &item.quantity, &wanted.quantity)?;
            if !wanted.to_be_told {
                let mut seats: Vec<_> = item
                    .seats
                    .iter()
                    .filter_map(|label| Hall::seat(label.as_str()))
                    .collect();
                let mut expected = wanted.seats.clone();
                {
                    seats.sort_unstable();
                    expected.sort_unstable();
                }
                ensure("the item's seats", &seats, &expected)?;
            }
        }
        Ok(())
    }

    async fn compare_counts(&self) -> Result<(), Disagreement> {
        use crate::domain::{BookingStatus, Entry as StoredEntry, EntryStatus};
        let listing = self.world.listing(self.id).await;
        for (section, count) in listing.counts.iter().enumerate() {
            let waits = |entry: &&super::rules::Entry| {
                entry.section == section && entry.status == EntryStatus::Waiting
            };
            let waiting = self.model.entries.iter().filter(waits);
            let starved = waiting
                .clone()
                .filter(|entry| entry.passes >= StoredEntry::MAX_PASSES)
                .count();
            let model = [
                self.model.sections[section].capacity,
                self.model.tickets(section, BookingStatus::Confirmed),
                self.model.tickets(section, BookingStatus::Held),
                u32::try_from(waiting.count()).unwrap_or(u32::MAX),
                u32::try_from(starved).unwrap_or(u32::MAX),
            ];
            let engine = [
                count.capacity,
                count.sold,
                count.held,
                count.waiting,
                count.starved,
            ];
            ensure("capacity, sold, held, waiting, starved", &engine, &model)?;
        }
        match self.seated {
            true => ensure(
                "free seats",
                &(listing.counts[0].available() as usize),
                &self.model.hall.free(),
            ),
            false => Ok(()),
        }
    }

    fn seconds(&self, at: Option<Timestamp>) -> Option<u64> {
        let since = at?.duration_since(self.start);
        u64::try_from(since.as_secs()).ok()
    }

    fn kind(&self, kind: usize) -> TicketTypeId {
        let unknown = || TicketTypeId::from_uuid(self.id.uuid());
        self.kinds.get(kind).copied().unwrap_or_else(unknown)
    }

    fn selection(&self, wish: &Wish) -> Selection {
        match wish {
            Wish::Quantity { kind, quantity } => Selection::Quantity {
                quantity: *quantity,
                ticket_type_id: Some(self.kind(*kind)),
            },
            Wish::Items(items) => Selection::Items(
                items
                    .iter()
                    .map(|(kind, quantity)| ItemRequest {
                        ticket_type_id: self.kind(*kind),
                        quantity: *quantity,
                        seats: Vec::new(),
                    })
                    .collect(),
            ),
            Wish::Seats(seats) => Selection::Seats {
                seats: seats
                    .iter()
                    .map(|seat| SeatLabel::from(Hall::label(*seat).as_str()))
                    .collect(),
                ticket_type_id: None,
            },
            Wish::Best { quantity, together } => Selection::BestAvailable {
                quantity: *quantity,
                section_id: None,
                ticket_type_id: None,
                adjacent: if *together {
                    Adjacency::Required
                } else {
                    Adjacency::Preferred
                },
                accessible: Access::Ordinary,
            },
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

/// Both did it, or both refused for a reason that holds; else they disagree.
fn both<E: Debug, M: Debug>(
    answer: Result<E, Refusal>,
    verdict: Verdict<M>,
) -> Result<Option<(E, M)>, Disagreement> {
    match (answer, verdict) {
        (Ok(engine), Ok(model)) => Ok(Some((engine, model))),
        (Err(refusal), Err(reasons)) if reasons.iter().any(|no| no.is(&refusal)) => Ok(None),
        (engine, model) => Err(format!("the engine answers {engine:?}, the model {model:?}")),
    }
}

/// A refusal that says that it is done already, where the answer that did it may have been lost: whether it really
/// is done, the comparison of everything stored will tell.
fn unless_done<M>(
    answer: Result<Arc<Booking>, Refusal>,
    verdict: &Verdict<M>,
    done: &Refusal,
) -> Result<Option<Arc<Booking>>, Refusal> {
    match answer {
        Err(refusal) if refusal == *done && verdict.is_ok() => Ok(None),
        answer => answer.map(Some),
    }
}

impl No {
    /// Whether a refusal says this.
    fn is(&self, refusal: &Refusal) -> bool {
        match (self, refusal) {
            (Self::NotFound, Refusal::NotFound)
            | (Self::NotOnSale, Refusal::NotOnSale { .. })
            | (Self::Invalid, Refusal::Invalid(_))
            | (Self::SoldOut { available: None }, Refusal::SoldOut { .. })
            | (Self::Mismatch, Refusal::IdempotencyMismatch)
            | (Self::NotFull, Refusal::NotFull)
            | (Self::AlreadyWaitlisted, Refusal::AlreadyWaitlisted)
            | (Self::WaitlistOff, Refusal::WaitlistOff)
            | (Self::HoldExpired, Refusal::HoldExpired)
            | (Self::HoldLimit, Refusal::HoldLimit)
            | (Self::NotHeld, Refusal::NotHeld)
            | (Self::NotOffered, Refusal::NotOffered)
            | (Self::OfferLapsed, Refusal::OfferLapsed)
            | (Self::NotWaiting, Refusal::NotWaiting)
            | (Self::EventCancelled, Refusal::EventCancelled) => true,
            (Self::LimitExceeded { tickets }, Refusal::LimitExceeded { tickets: told, .. }) => {
                tickets == told
            }
            (
                Self::SoldOut {
                    available: Some(available),
                },
                Refusal::SoldOut { available: told },
            ) => available == told,
            (Self::BelowSold(sold), Refusal::BelowSold { sold: told }) => sold == told,
            (Self::SeatTaken(seats), Refusal::SeatTaken { seats: told }) => {
                let mut told: Vec<_> = told
                    .iter()
                    .filter_map(|label| Hall::seat(label.as_str()))
                    .collect();
                told.sort_unstable();
                let mut seats = seats.clone();
                seats.sort_unstable();
                told == seats
            }
            _ => false,
        }
    }
}

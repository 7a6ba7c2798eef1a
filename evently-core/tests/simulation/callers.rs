//! Callers: each does one random thing after the other, asks again under the same key when the storage failed, and
//! now and then goes away in the middle of a call.

use crate::journal::{Journal, Keyed, Made};
use crate::watch::Watch;
use evently_core::conformance::{ManualClock, wrap::Wrapped};
use evently_core::domain::{
    Booking, BookingId, BookingStatus, Entry, EntryId, Event, EventDraft, EventId, SeatLabel, SeatingDraft,
    UserId,
};
use evently_core::ledger::{BookingKind, ItemRequest, OnFull, Selection};
use evently_core::requests::{BookRequest, JoinRequest, Outcome, Placed};
use evently_core::{Error, Evently, Refusal};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{sync::Arc, time::Duration};

/// What all callers have before them.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) engines: Vec<Evently>,
    pub(crate) events: Vec<Arc<Event>>,
    pub(crate) admin: evently_core::Caller,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) watched: Arc<Wrapped<Watch>>,
}

/// One caller, and what they remember.
#[derive(Debug)]
pub(crate) struct Caller {
    stage: Arc<Stage>,
    rng: StdRng,
    who: evently_core::Caller,
    bookings: Vec<BookingId>,
    entries: Vec<EntryId>,
    asked: Vec<(EventId, String, BookRequest)>,
    keys: u32,
}

impl Caller {
    pub(crate) fn new(stage: Arc<Stage>, seed: u64) -> Self {
        let who = evently_core::Caller::user(UserId::from_uuid(stage.engines[0].new_id()));
        Self {
            stage,
            rng: StdRng::seed_from_u64(seed),
            who,
            bookings: Vec::new(),
            entries: Vec::new(),
            asked: Vec::new(),
            keys: 0,
        }
    }

    /// Does one thing after the other.
    pub(crate) async fn live(mut self) {
        for _ in 0..self.rng.random_range(5..25) {
            let idle = self.rng.random_range(0..6);
            tokio::time::sleep(Duration::from_millis(idle)).await;
            self.act().await;
        }
    }

    async fn act(&mut self) {
        let event = self.pick_event();
        match self.rng.random_range(0..100) {
            0..40 => self.ask_anew(&event).await,
            40..48 => self.ask_again().await,
            48..54 => self.join(&event).await,
            54..64 => self.confirm().await,
            64..68 => self.extend().await,
            68..82 => self.cancel().await,
            82..91 => self.use_entry().await,
            91..95 => self.resize(&event).await,
            95..97 => self.meddle_with_another().await,
            97..98 => self.cancel_event(&event).await,
            _ => self.sweep(&event).await,
        }
    }

    fn pick_event(&mut self) -> Arc<Event> {
        let index = self.rng.random_range(0..self.stage.events.len());
        Arc::clone(&self.stage.events[index])
    }

    fn engine(&mut self) -> Evently {
        let index = self.rng.random_range(0..self.stage.engines.len());
        self.stage.engines[index].clone()
    }

    fn journal(&self) -> &Journal {
        &self.stage.journal
    }

    /// Waits for an answer, or goes away before it comes.
    async fn call<T>(&mut self, call: impl Future<Output = Result<T, Error>>) -> Option<Result<T, Error>> {
        self.journal().count(|totals| totals.commands += 1);
        let patience = match self.rng.random_bool(0.1) {
            true => Duration::from_micros(self.rng.random_range(0..8000)),
            false => Duration::from_secs(600),
        };
        let answer = tokio::time::timeout(patience, call).await.ok();
        self.journal().count(|totals| match &answer {
            None => totals.vanished += 1,
            Some(Ok(_)) => totals.done += 1,
            Some(Err(Error::Refused(_))) => totals.refused += 1,
            Some(Err(_)) => totals.storage_errors += 1,
        });
        answer
    }

    async fn ask_anew(&mut self, event: &Event) {
        self.keys += 1;
        let key = format!("k-{}", self.keys);
        let mut request = BookRequest::new(self.selection(event));
        if self.rng.random_bool(0.4) {
            request.kind = BookingKind::Held;
        }
        if self.rng.random_bool(0.4) {
            request.on_full = OnFull::Waitlist;
        }
        request.key = Some(key.parse().expect("a key"));
        self.asked.push((event.id, key.clone(), request.clone()));
        self.ask(event.id, key, request).await;
    }

    /// The same request under the same key once more, perhaps long after.
    async fn ask_again(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let (id, key, request) = self.asked[self.rng.random_range(0..self.asked.len())].clone();
        self.ask(id, key, request).await;
    }

    /// Asks until the answer is definite, or patience is over.
    async fn ask(&mut self, id: EventId, key: String, request: BookRequest) {
        let keyed: Keyed = (id, self.who.user_id, key);
        self.journal()
            .note(|known| known.unknown.insert(keyed.clone(), request.clone()));
        for _ in 0..self.rng.random_range(1..6) {
            let engine = self.engine();
            let booking_id = BookingId::from_uuid(engine.new_id());
            let since = self.stage.watched.meddle().mark(id);
            let attempt = BookRequest {
                booking_id: Some(booking_id),
                ..request.clone()
            };
            let who = self.who;
            let answer = self.call(engine.book(&who, id, attempt)).await;
            match answer {
                Some(Ok(placed)) => return self.placed(&engine, keyed, booking_id, placed).await,
                Some(Err(Error::Refused(refusal))) => {
                    if let (Refusal::SoldOut { .. }, Selection::Quantity { quantity, .. }) =
                        (&refusal, &request.selection)
                    {
                        let watch = self.stage.watched.meddle();
                        if !watch.could_refuse(id, since, *quantity) {
                            self.journal()
                                .fault(format!("{quantity} were refused although they were to be had"));
                        }
                    }
                    self.journal().note(|known| {
                        known.unknown.remove(&keyed);
                        known.without_effect.insert(booking_id);
                    });
                    return;
                }
                Some(Err(Error::Overloaded { .. } | Error::Closed)) => {
                    self.journal()
                        .note(|known| known.without_effect.insert(booking_id));
                }
                Some(Err(_)) | None => {}
            }
            if self.rng.random_bool(0.3) {
                return;
            }
        }
    }

    async fn placed(&mut self, engine: &Evently, keyed: Keyed, asked_as: BookingId, placed: Placed) {
        if placed.replayed {
            self.journal().count(|totals| totals.replayed += 1);
        }
        let made = match &placed.outcome {
            Outcome::Booking(booking) => Made::Booking(booking.id),
            Outcome::Entry(placed) => Made::Entry(placed.entry.id),
        };
        self.journal().note(|known| {
            known.unknown.remove(&keyed);
            known.keys.entry(keyed).or_default().insert(made);
        });
        match placed.outcome {
            Outcome::Booking(booking) => {
                if !placed.replayed && booking.id != asked_as {
                    self.journal()
                        .fault(format!("asked for {asked_as}, got {} as new", booking.id));
                }
                self.journal().told(&booking);
                self.bookings.push(booking.id);
                self.read_back(engine, &booking).await;
            }
            Outcome::Entry(placed) => {
                self.journal().note(|known| known.entries.insert(placed.entry.id));
                self.entries.push(placed.entry.id);
            }
        }
    }

    /// After an answer every read shows it, or what became of it since (I13).
    async fn read_back(&mut self, engine: &Evently, told: &Booking) {
        match engine.booking(&self.who, told.id).await {
            Ok(read) if read.items == told.items && read.user_id == told.user_id => {}
            Err(Error::Store(_)) => {}
            other => self.journal().fault(format!("told {told:?}, read {other:?}")),
        }
    }

    async fn join(&mut self, event: &Event) {
        self.keys += 1;
        let key = format!("j-{}", self.keys);
        let request = JoinRequest {
            quantity: self.rng.random_range(1..4),
            ticket_type_id: Some(self.pick_type(event)),
            key: Some(key.parse().expect("a key")),
        };
        let (engine, who) = (self.engine(), self.who);
        for _ in 0..3 {
            match self.call(engine.join(&who, event.id, request.clone())).await {
                Some(Ok(placed)) => {
                    let Some(entry) = placed.entry().cloned() else {
                        return self.journal().fault(format!("a join made {placed:?}"));
                    };
                    let keyed = (event.id, who.user_id, key);
                    self.entries.push(entry.id);
                    return self.journal().note(|known| {
                        known.entries.insert(entry.id);
                        known.keys.entry(keyed).or_default().insert(Made::Entry(entry.id));
                    });
                }
                Some(Err(Error::Store(_))) => {}
                _ => return,
            }
        }
    }

    fn pick_booking(&mut self) -> Option<BookingId> {
        let last = self.bookings.len().checked_sub(1)?;
        Some(self.bookings[self.rng.random_range(0..=last)])
    }

    fn pick_entry(&mut self) -> Option<EntryId> {
        let last = self.entries.len().checked_sub(1)?;
        Some(self.entries[self.rng.random_range(0..=last)])
    }

    async fn confirm(&mut self) {
        let (Some(id), engine, who) = (self.pick_booking(), self.engine(), self.who) else {
            return;
        };
        self.journal().note(|known| known.confirms_asked.insert(id));
        if let Some(Ok(booking)) = self.call(engine.confirm(&who, id, None)).await {
            self.expect(&booking, BookingStatus::Confirmed);
        }
    }

    async fn extend(&mut self) {
        let (Some(id), engine, who) = (self.pick_booking(), self.engine(), self.who) else {
            return;
        };
        if let Some(Ok(booking)) = self.call(engine.extend(&who, id)).await {
            self.expect(&booking, BookingStatus::Held);
        }
    }

    async fn cancel(&mut self) {
        let (Some(id), engine) = (self.pick_booking(), self.engine()) else {
            return;
        };
        let by = if self.rng.random_bool(0.1) {
            self.stage.admin
        } else {
            self.who
        };
        self.journal().note(|known| known.cancels_asked.insert(id));
        // Asked again it answers the same, so a caller may insist.
        for _ in 0..2 {
            match self.call(engine.cancel(&by, id)).await {
                Some(Ok(booking)) => return self.expect(&booking, BookingStatus::Cancelled),
                Some(Err(Error::Store(_))) => {}
                _ => return,
            }
        }
    }

    fn expect(&self, booking: &Booking, status: BookingStatus) {
        if booking.status != status {
            self.journal().fault(format!("expected {status:?}: {booking:?}"));
        }
        self.journal().told(booking);
    }

    /// Leaves, accepts or declines.
    async fn use_entry(&mut self) {
        let (Some(id), engine, who) = (self.pick_entry(), self.engine(), self.who) else {
            return;
        };
        let Ok(placed) = engine.entry(&who, id).await else {
            return;
        };
        let offer = placed.entry.booking_id;
        match self.rng.random_range(0..4) {
            0 => {
                self.may_end(offer);
                let _: Option<Result<Arc<Entry>, Error>> = self.call(engine.leave(&who, id)).await;
            }
            1 => {
                self.may_end(offer);
                let _: Option<Result<Arc<Entry>, Error>> = self.call(engine.decline(&who, id)).await;
            }
            _ => {
                if let Some(offer) = offer {
                    self.journal().note(|known| known.confirms_asked.insert(offer));
                }
                if let Some(Ok(booking)) = self.call(engine.accept(&who, id)).await {
                    self.bookings.push(booking.id);
                    self.journal()
                        .note(|known| known.confirms_asked.insert(booking.id));
                    self.journal().told(&booking);
                }
            }
        }
    }

    fn may_end(&self, offer: Option<BookingId>) {
        if let Some(offer) = offer {
            self.journal().note(|known| known.cancels_asked.insert(offer));
        }
    }

    async fn resize(&mut self, event: &Event) {
        let (engine, admin) = (self.engine(), self.stage.admin);
        let Ok(listing) = engine.event(Some(&admin), event.id).await else {
            return;
        };
        let mut draft = EventDraft::of(&listing.event);
        let capacity = self.rng.random_range(1..12);
        draft.sections[0].seating = SeatingDraft::General { capacity };
        let version = listing.event.version;
        let _ = self
            .call(engine.change_event(&admin, event.id, version, draft))
            .await;
    }

    /// Nobody's business: somebody else's booking is not found, whatever is done to it.
    async fn meddle_with_another(&mut self) {
        let known = self
            .stage
            .journal
            .note(|known| known.bookings.keys().copied().collect::<Vec<_>>());
        let others: Vec<_> = known
            .into_iter()
            .filter(|id| !self.bookings.contains(id))
            .collect();
        let Some(last) = others.len().checked_sub(1) else {
            return;
        };
        let (id, engine) = (others[self.rng.random_range(0..=last)], self.engine());
        let stranger = evently_core::Caller::user(UserId::from_uuid(engine.new_id()));
        match self.call(engine.cancel(&stranger, id)).await {
            Some(Ok(booking)) => self.journal().fault(format!("a stranger cancelled {booking:?}")),
            Some(Err(Error::Refused(Refusal::NotFound) | Error::Store(_) | Error::Overloaded { .. }))
            | None => {}
            Some(Err(other)) => self.journal().fault(format!("a stranger was told {other}")),
        }
    }

    async fn cancel_event(&mut self, event: &Event) {
        if self.rng.random_bool(0.5) {
            return;
        }
        let (engine, admin) = (self.engine(), self.stage.admin);
        self.journal()
            .note(|known| known.events_cancelled.insert(event.id));
        self.journal().count(|totals| totals.events_cancelled += 1);
        let _ = self.call(engine.cancel_event(&admin, event.id)).await;
    }

    async fn sweep(&mut self, event: &Event) {
        let engine = self.engine();
        let _ = self.call(engine.sweep(event.id)).await;
    }

    fn pick_type(&mut self, event: &Event) -> evently_core::domain::TicketTypeId {
        event.ticket_types[self.rng.random_range(0..event.ticket_types.len())].id
    }

    fn selection(&mut self, event: &Event) -> Selection {
        let seated = event.sections.iter().any(|section| section.is_reserved());
        match self.rng.random_range(0..8) {
            0 | 1 if seated => {
                let first = self.rng.random_range(1..4);
                let seat = |number: u32| SeatLabel::new("A", &number.to_string());
                Selection::Seats {
                    seats: vec![seat(first), seat(first + 1)],
                    ticket_type_id: None,
                }
            }
            2 if event.ticket_types.len() > 1 => Selection::Items(
                event.ticket_types[..2]
                    .iter()
                    .map(|kind| ItemRequest {
                        ticket_type_id: kind.id,
                        quantity: self.rng.random_range(1..3),
                        seats: Vec::new(),
                    })
                    .collect(),
            ),
            _ => Selection::Quantity {
                quantity: self.rng.random_range(1..4),
                ticket_type_id: Some(self.pick_type(event)),
            },
        }
    }
}

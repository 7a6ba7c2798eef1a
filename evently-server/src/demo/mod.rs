//! `demo`: events, accounts, the bookings of the last weeks (played on a clock of their own) and a burst of
//! bookings now.
//!
//! Every step can be repeated without doubling anything: events are found again by their metadata, accounts by
//! their address, bookings by their idempotency keys. What is made last tells that all is there.

mod catalogue;
mod clock;
mod past;
mod people;

use crate::commands::open;
use crate::failure::Failure;
use crate::progress;
use crate::settings::Settings;
use catalogue::{BURST, LAST, SHOWS, Show};
use clock::DemoClock;
use evently_core::clock::Clock;
use evently_core::domain::{Caller, Event, EventCursor, EventFilter, PageRequest, UserId};
use evently_core::requests::BookRequest;
use evently_core::store::Durability;
use evently_core::{Error, Evently, Refusal, Timestamp};
use futures::stream::{self, StreamExt};
use past::Played;
use people::People;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many bookings the burst asks for, and how many at a time.
const BURST_BOOKINGS: usize = 5_000;
const BURST_AT_ONCE: usize = 256;

/// Fills the store.
pub(crate) async fn demo(settings: Settings) -> Result<(), Failure> {
    let store = open(&settings).await?;
    let clock = Arc::new(DemoClock::default());
    let evently = Evently::builder(store)
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .sweep_every(None)
        .build();
    let outcome = fill(&evently, &clock).await;
    evently.shutdown().await;
    println!("{}", outcome?);
    if evently.store().durability() == Durability::Volatile {
        println!(
            "It ends with this command, as all in {} does: name another --store to keep it.",
            settings.store
        );
    }
    Ok(())
}

async fn fill(evently: &Evently, clock: &DemoClock) -> Result<String, Failure> {
    if is_complete(evently).await.map_err(Failure::failed)? {
        return Ok("The demo is in this store already: nothing was added.".to_owned());
    }
    let began = Instant::now();
    let now = evently.now();
    let today = now - Duration::from_secs(now.as_second().rem_euclid(86_400).unsigned_abs());
    clock.set(SHOWS.iter().map(|show| show.listed_at(today)).min());
    let people = People::gather(evently).await?;
    let stage = Stage {
        evently,
        clock,
        people: &people,
        now,
        today,
    };
    let told = play(&stage).await.map_err(Failure::failed)?;
    let password = &people.password;
    Ok(format!(
        "{told}\nAll in {:.1} s. Sign in as {} or {} (to user{}@…): the password of all is {password}",
        began.elapsed().as_secs_f64(),
        people::ADMIN,
        people::FIRST,
        people.users.len(),
    ))
}

/// What every part of the demo works with.
struct Stage<'a> {
    evently: &'a Evently,
    clock: &'a DemoClock,
    people: &'a People,
    now: Timestamp,
    today: Timestamp,
}

/// Whether what is made last is there.
async fn is_complete(evently: &Evently) -> Result<bool, Error> {
    let anybody = Caller::admin(UserId::from_uuid(evently.new_id()));
    match SHOWS.iter().find(|show| show.slug == LAST) {
        Some(last) => Ok(find(evently, &anybody, last).await?.is_some()),
        None => Ok(false),
    }
}

/// The show's event, if an earlier attempt made it.
async fn find(evently: &Evently, admin: &Caller, show: &Show) -> Result<Option<Arc<Event>>, Error> {
    let filter = EventFilter {
        text: Some(show.name().to_owned()),
        include_drafts: true,
        ..EventFilter::all(evently.now())
    };
    let page = PageRequest::first(PageRequest::<EventCursor>::MAX_LIMIT);
    let found = evently.events(Some(admin), filter, page).await?;
    let metadata = show.metadata();
    let mut events = found.items.into_iter().map(|listing| listing.event);
    Ok(events.find(|event| event.metadata.as_json() == metadata))
}

async fn play(stage: &Stage<'_>) -> Result<String, Error> {
    let (last, shows): (Vec<&Show>, Vec<&Show>) = SHOWS.iter().partition(|show| show.slug == LAST);
    let mut events = Vec::with_capacity(SHOWS.len());
    for show in shows {
        events.push((show, stage.event(show).await?));
    }
    let played = past::play(stage, &events).await?;
    stage.clock.set(None);
    let burst = match events.iter().find(|(show, _)| show.slug == BURST) {
        Some((_, event)) => burst(stage, event).await?,
        None => String::new(),
    };
    for show in &last {
        stage.event(show).await?;
    }
    let Played {
        bookings,
        cancelled,
        waiting,
    } = played;
    let seated = SHOWS.iter().filter(|show| show.is_seated()).count();
    Ok(format!(
        "Made {} events ({seated} with seats), {} accounts, {bookings} bookings of the last weeks ({cancelled} \
         cancelled since), {waiting} places on waitlists.\n{burst}",
        SHOWS.len(),
        stage.people.users.len() + 1,
    ))
}

impl Stage<'_> {
    /// The show's event: an earlier attempt's, or made at the time it was listed.
    async fn event(&self, show: &Show) -> Result<Arc<Event>, Error> {
        let admin = &self.people.admin;
        if let Some(event) = find(self.evently, admin, show).await? {
            return Ok(event);
        }
        self.clock.set(Some(show.listed_at(self.today).min(self.now)));
        let made = self.evently.create_event(admin, show.draft(self.today)).await?;
        Ok(made.event)
    }

    fn user(&self, number: usize) -> Caller {
        let users = &self.people.users;
        users
            .get(number % users.len().max(1))
            .copied()
            .unwrap_or(self.people.admin)
    }
}

/// Everybody at once: what the engine does in a rush, on this machine, with this store.
async fn burst(stage: &Stage<'_>, event: &Event) -> Result<String, Error> {
    let Some(ticket_type) = event.ticket_types.first() else {
        return Ok(String::new());
    };
    let bar = progress::bar("a burst of bookings", BURST_BOOKINGS as u64);
    let began = Instant::now();
    let ask = |number: usize| {
        let (user, bar) = (stage.user(number), &bar);
        async move {
            let mut request = BookRequest::of_type(ticket_type.id, 1);
            request.key = past::key("burst", number);
            let placed = stage.evently.book(&user, event.id, request).await;
            bar.inc(1);
            placed
        }
    };
    let mut placed = stream::iter((0..BURST_BOOKINGS).map(ask)).buffer_unordered(BURST_AT_ONCE);
    let mut confirmed = 0_u32;
    while let Some(outcome) = placed.next().await {
        match outcome {
            Ok(_) => confirmed += 1,
            Err(Error::Refused(Refusal::SoldOut { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    bar.finish_and_clear();
    Ok(format!(
        "A burst of bookings on \"{}\": {confirmed} confirmed in {:.0} ms ({:.0} a second).",
        event.name,
        seconds * 1000.0,
        f64::from(confirmed) / seconds.max(f64::EPSILON),
    ))
}

//! The weeks before now: who asked for what and when, and who changed their mind.
//!
//! All of it follows from the shows alone, without chance, so that a second attempt asks for the same.

use super::Stage;
use super::catalogue::{DAY, Fate, HOUR, Show};
use crate::progress;
use evently_core::domain::{Booking, BookingStatus, Event, IdempotencyKey};
use evently_core::requests::{BookRequest, Outcome};
use evently_core::{Caller, Error, Refusal, Timestamp};
use futures::future::try_join_all;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What was made of it.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Played {
    pub(super) bookings: u32,
    pub(super) cancelled: u32,
    pub(super) waiting: u32,
}

/// One request for tickets.
struct Asked<'a> {
    show: &'a Show,
    event: &'a Event,
    number: u32,
}

/// Plays the weeks before now, some hours at a time: what was asked for in them is asked for at once.
pub(super) async fn play(stage: &Stage<'_>, events: &[(&Show, Arc<Event>)]) -> Result<Played, Error> {
    let mut hours: BTreeMap<Timestamp, Vec<Asked<'_>>> = BTreeMap::new();
    for (show, event) in events {
        for number in 0..show.requests {
            let at = asked_at(stage, show, number);
            hours.entry(at).or_default().push(Asked { show, event, number });
        }
    }
    let bar = progress::bar("the last weeks", hours.len() as u64);
    let mut played = Played::default();
    for (at, asked) in hours {
        stage.clock.set(Some(at));
        let outcomes = try_join_all(asked.iter().map(|asked| ask(stage, asked))).await?;
        for outcome in outcomes {
            played.bookings += outcome.bookings;
            played.cancelled += outcome.cancelled;
            played.waiting += outcome.waiting;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    stage.clock.set(None);
    for (_, event) in events.iter().filter(|(show, _)| show.fate == Fate::Cancelled) {
        stage.evently.cancel_event(&stage.people.admin, event.id).await?;
    }
    Ok(played)
}

async fn ask(stage: &Stage<'_>, asked: &Asked<'_>) -> Result<Played, Error> {
    let chance = mix(asked.show.slug, asked.number);
    let user = stage.user(usize::try_from(chance % 7_919).unwrap_or(0));
    let types = &asked.event.ticket_types;
    let Some(ticket_type) = types.get(usize::try_from(chance / 11).unwrap_or(0) % types.len().max(1)) else {
        return Ok(Played::default());
    };
    let quantity = [2, 1, 2, 4, 1, 2, 3][usize::try_from(chance % 7).unwrap_or(0)];
    let key = key(asked.show.slug, asked.number);
    let mut request = BookRequest::of_type(ticket_type.id, quantity).or_waitlist();
    request.key = key;
    match stage.evently.book(&user, asked.event.id, request).await {
        Ok(placed) => match placed.outcome {
            Outcome::Booking(booking) => settle(stage, &user, &booking, chance).await,
            Outcome::Entry(_) => Ok(Played {
                waiting: 1,
                ..Played::default()
            }),
        },
        // Who has their share or waits already, is told so: that happens in the best of houses.
        Err(Error::Refused(
            Refusal::SoldOut { .. } | Refusal::LimitExceeded { .. } | Refusal::AlreadyWaitlisted,
        )) => Ok(Played::default()),
        Err(error) => Err(error),
    }
}

/// One booking in twenty is cancelled again.
async fn settle(stage: &Stage<'_>, user: &Caller, booking: &Booking, chance: u64) -> Result<Played, Error> {
    let mut played = Played {
        bookings: 1,
        ..Played::default()
    };
    if chance.is_multiple_of(20) && booking.status == BookingStatus::Confirmed {
        stage.evently.cancel(user, booking.id).await?;
        played.cancelled = 1;
    }
    Ok(played)
}

/// When a request came: the more the later, in the daytime, to the hour.
fn asked_at(stage: &Stage<'_>, show: &Show, number: u32) -> Timestamp {
    let listed = show.listed_at(stage.today);
    let until = show.asked_until(stage.today, stage.now);
    let share = (f64::from(number) + 0.5) / f64::from(show.requests.max(1));
    let days = (until.as_second() - listed.as_second()) / 86_400;
    let days = u32::try_from(days).unwrap_or(0);
    let passed = f64::from(days) * share.sqrt();
    let day = (0..days).rev().find(|day| f64::from(*day) <= passed).unwrap_or(0);
    let hour = 7 + u32::try_from(mix(show.slug, number) / 13 % 15).unwrap_or(0);
    let at = listed + day * DAY + hour * HOUR;
    at.min(until - Duration::from_secs(1))
}

/// The key of one request of the demo.
pub(super) fn key(of: &str, number: impl std::fmt::Display) -> Option<IdempotencyKey> {
    format!("demo-{of}-{number}").parse().ok()
}

/// A number that looks like chance and is always the same for a request (FNV-1a, finished as in splitmix64).
fn mix(slug: &str, number: u32) -> u64 {
    let bytes = slug.bytes().chain(number.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^ (hash >> 31)
}

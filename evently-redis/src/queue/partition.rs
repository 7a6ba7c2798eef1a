//! One partition: what is asked of its keys, and what the answers mean.

use super::record::{Place, Written};
use crate::error::Fault;
use crate::keys::{self, QUEUE_BELL, QueueKeys};
use crate::scripts;
use evently_core::domain::BookingId;
use evently_core::queue::{Claim, Pushed, Settled};
use redis::{Cmd, FromRedisValue, Value};
use std::{collections::BTreeMap, time::Duration};

/// The consumer that entries belong to which were handed back. (No worker is called so.)
const NOBODY: &str = "-";

/// The most dead letters that a partition keeps.
const MOST_DEAD: usize = 10_000;

/// A partition of the queue.
#[derive(Debug)]
pub(super) struct Partition {
    number: u16,
    keys: QueueKeys,
}

/// A delivery as it is stored.
pub(super) struct Taken {
    pub(super) place: Place,
    pub(super) deliveries: u32,
    /// Whether anybody had it before.
    pub(super) handed_before: bool,
    pub(super) id: Vec<u8>,
    pub(super) job: Option<Vec<u8>>,
}

/// What becomes of a job that is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// Nothing is kept of it.
    Forget,
    /// Its fate is kept.
    Keep(String),
    /// Its fate is kept, and it is a dead letter.
    Bury(String),
}

/// A partition as its script shows it.
pub(super) struct Shown {
    pub(super) depth: u64,
    pub(super) claimed: u64,
    pub(super) dead: u64,
    pub(super) owner: Option<String>,
    pub(super) oldest: Option<Vec<u8>>,
}

impl Partition {
    pub(super) fn new(number: u16) -> Self {
        Self {
            number,
            keys: keys::queue(number),
        }
    }

    /// Queues jobs.
    pub(super) fn push<'a>(&self, capacity: usize, written: impl Iterator<Item = &'a Written>) -> Cmd {
        let QueueKeys {
            line,
            jobs,
            keys,
            asleep,
            ..
        } = &self.keys;
        let mut call = scripts::QUEUE_PUSH.call(&[line, jobs, keys, asleep]);
        call.arg(capacity).arg(QUEUE_BELL).arg(self.number);
        for Written { id, key, job } in written {
            call.arg(id).arg(key).arg(job);
        }
        call
    }

    pub(super) fn claim(&self, now: &str, consumer: &str, limit: usize, good_for: Duration) -> Cmd {
        let QueueKeys {
            line,
            jobs,
            taken,
            owner,
            ..
        } = &self.keys;
        let mut call = scripts::QUEUE_CLAIM.call(&[line, jobs, taken, owner]);
        call.arg(now).arg(consumer).arg(limit).arg(micros(good_for));
        call
    }

    /// Reads the answer to [`claim`](Self::claim), in the order of the line.
    pub(super) fn taken(&self, answer: Value) -> Result<Vec<Taken>, Fault> {
        type Entry = (String, u32, bool, Vec<u8>, Option<Vec<u8>>);
        let entries: Vec<Entry> = read(answer)?;
        let taken = |(entry, deliveries, handed_before, id, job): Entry| {
            let place = Place::new(self.number, &entry);
            Ok(Taken {
                place: place.ok_or_else(|| Fault::damaged(format!("the queue's entry {entry}")))?,
                deliveries,
                handed_before,
                id,
                job,
            })
        };
        let mut all = entries
            .into_iter()
            .map(taken)
            .collect::<Result<Vec<_>, Fault>>()?;
        all.sort_unstable_by_key(|taken| taken.place.pack());
        Ok(all)
    }

    /// Ends jobs: each by its entry, its count of deliveries and its id, as this consumer has claimed them.
    pub(super) fn settle<'a>(
        &self,
        now: &str,
        consumer: &str,
        keep_for: Duration,
        endings: impl Iterator<Item = (Place, u32, &'a [u8], &'a Ending)> + Clone,
    ) -> Cmd {
        let QueueKeys {
            line,
            jobs,
            keys,
            taken,
            settled,
            dead,
            ..
        } = &self.keys;
        let mut call = scripts::QUEUE_SETTLE.call(&[line, jobs, keys, taken, settled, dead]);
        call.arg(now).arg(consumer).arg(micros(keep_for)).arg(MOST_DEAD);
        let places = || endings.clone().map(|(place, ..)| place);
        for end in [places().min(), places().max()] {
            call.arg(end.map_or_else(String::new, |place| place.to_string()));
        }
        for (place, deliveries, id, ending) in endings {
            let (what, fate) = match ending {
                Ending::Forget => ("forget", ""),
                Ending::Keep(fate) => ("keep", fate.as_str()),
                Ending::Bury(fate) => ("bury", fate.as_str()),
            };
            call.arg(place.to_string())
                .arg(deliveries)
                .arg(id)
                .arg(what)
                .arg(fate);
        }
        call
    }

    pub(super) fn hand_back<'a>(
        &self,
        now: &str,
        consumer: &str,
        after: Duration,
        claims: impl Iterator<Item = &'a Claim>,
    ) -> Cmd {
        let QueueKeys {
            line, taken, asleep, ..
        } = &self.keys;
        let mut call = scripts::QUEUE_HAND_BACK.call(&[line, taken, asleep]);
        call.arg(now).arg(consumer).arg(micros(after)).arg(NOBODY);
        call.arg(QUEUE_BELL).arg(self.number);
        for claim in claims {
            call.arg(Place::unpack(claim.place).to_string())
                .arg(claim.deliveries);
        }
        call
    }

    /// Asks how many milliseconds there is nothing to claim, and to be told by the bell before.
    pub(super) fn doze(&self, now: &str, at_most: Duration) -> Cmd {
        let QueueKeys {
            line, taken, asleep, ..
        } = &self.keys;
        let mut call = scripts::QUEUE_DOZE.call(&[line, taken, asleep]);
        // A whole millisecond at least: a note has no shorter life.
        call.arg(now).arg(micros(at_most).div_ceil(1_000).max(1));
        call
    }

    /// Forgets consumers that hold no claim and have not asked for one for so long.
    pub(super) fn prune(&self, gone_for: Duration) -> Cmd {
        let mut call = scripts::QUEUE_PRUNE.call(&[&self.keys.line]);
        call.arg(micros(gone_for) / 1_000);
        call
    }

    /// Reads a job and its fate.
    pub(super) fn read(&self, id: BookingId) -> Cmd {
        let mut command = redis::cmd("HMGET");
        command
            .arg(&self.keys.jobs)
            .arg(id.to_string())
            .arg(format!("{id}:fate"));
        command
    }

    pub(super) fn view(&self) -> Cmd {
        let QueueKeys {
            line,
            jobs,
            owner,
            dead,
            ..
        } = &self.keys;
        let mut call = scripts::QUEUE_VIEW.call(&[line, jobs, owner, dead]);
        call.arg(NOBODY);
        call
    }

    /// Reads the answer to [`view`](Self::view).
    pub(super) fn shown(answer: Value) -> Result<Shown, Fault> {
        let (depth, claimed, dead, owner, oldest) = read(answer)?;
        Ok(Shown {
            depth,
            claimed,
            dead,
            owner,
            oldest,
        })
    }
}

/// Reads a value of the type that its script answers with.
pub(super) fn read<T: FromRedisValue>(answer: Value) -> Result<T, Fault> {
    redis::from_redis_value(answer).map_err(Fault::damaged)
}

/// Reads the answer to a push.
pub(super) fn pushed(answer: Value) -> Result<Vec<Pushed>, Fault> {
    let answers: Vec<String> = read(answer)?;
    let meaning = |answer: String| match answer.as_str() {
        "" => Ok(Pushed::Accepted),
        "full" => Ok(Pushed::Full),
        twin => twin.parse().map(Pushed::Twin).map_err(Fault::damaged),
    };
    answers.into_iter().map(meaning).collect()
}

/// Reads the answer to a settlement or a handing back: a character a job.
pub(super) fn settled(answer: Value) -> Result<Vec<Settled>, Fault> {
    let characters: Vec<u8> = read(answer)?;
    let meaning = |character: &u8| match character {
        b'1' => Settled::Done,
        _ => Settled::Stale,
    };
    Ok(characters.iter().map(meaning).collect())
}

/// Sorts things by their partition, and remembers where each stood.
pub(super) fn by_partition<T>(
    things: impl IntoIterator<Item = T>,
    partition: impl Fn(&T) -> u16,
) -> BTreeMap<u16, Vec<(usize, T)>> {
    let mut sorted = BTreeMap::<_, Vec<_>>::new();
    for (place, thing) in things.into_iter().enumerate() {
        sorted.entry(partition(&thing)).or_default().push((place, thing));
    }
    sorted
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros())
        .unwrap_or(u64::MAX)
        .min(MOST_MICROS)
}

/// What a script's numbers can bear: a century.
const MOST_MICROS: u64 = 100 * 366 * 86_400 * 1_000_000;

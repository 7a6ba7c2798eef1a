//! One partition: what is asked of its keys, and what the answers mean.

use super::record::{self, Entry, Place, Written};
use crate::error::Fault;
use crate::keys::{self, QUEUE_BELL};
use crate::scripts::{self, Script};
use evently_core::domain::BookingId;
use evently_core::queue::{MAX_CLAIM, Pushed, QueueSettings, Settled};
use hashbrown::HashSet;
use redis::{Cmd, FromRedisValue, Value};
use std::time::Duration;

/// The most jobs of a chunk: a claim takes several.
pub(super) const MOST_IN_CHUNK: usize = MAX_CLAIM / 4;

/// The most dead letters that a partition keeps.
const MOST_DEAD: usize = 10_000;

/// A partition of the queue.
#[derive(Debug)]
pub(super) struct Partition {
    number: u16,
    keys: [String; 10],
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

impl Ending {
    /// What the script is told to do, and the fate.
    fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Forget => ("forget", ""),
            Self::Keep(fate) => ("keep", fate),
            Self::Bury(fate) => ("bury", fate),
        }
    }
}

/// A claim that is given up, and how.
#[derive(Debug)]
pub(super) struct Ended<T> {
    /// Where the answer goes.
    pub(super) at: usize,
    pub(super) place: Place,
    pub(super) deliveries: u32,
    pub(super) how: T,
}

/// A partition as its script shows it.
pub(super) struct Shown {
    pub(super) depth: u64,
    pub(super) claimed: u64,
    pub(super) dead: u64,
    pub(super) owner: Option<String>,
    /// The oldest jobs: one of them is the oldest of all.
    pub(super) oldest: [Option<Vec<u8>>; 2],
}

impl Partition {
    pub(super) fn new(number: u16) -> Self {
        Self {
            number,
            keys: keys::queue(number),
        }
    }

    fn call(&self, script: &Script) -> Cmd {
        script.call(&self.keys)
    }

    /// Queues jobs, at most [`MOST_IN_CHUNK`].
    pub(super) fn push<'a>(
        &self,
        now: &str,
        settings: &QueueSettings,
        written: impl Iterator<Item = &'a Written> + Clone,
    ) -> Cmd {
        let ids: Vec<[u8; 16]> = written.clone().map(|job| job.id.into_bytes()).collect();
        let hashes: Vec<[u8; 16]> = written.clone().map(|job| job.key).collect();
        let jobs = record::join(written.clone().map(|job| &*job.job));
        let mut call = self.call(&scripts::QUEUE_PUSH);
        call.arg(settings.capacity).arg(QUEUE_BELL).arg(self.number);
        call.arg(ids.as_flattened()).arg(hashes.as_flattened()).arg(jobs);
        call.arg(now).arg(micros(settings.keep_for));
        call.arg(u8::from(are_distinct(written)));
        call
    }

    pub(super) fn claim(&self, now: &str, consumer: &str, limit: usize, good_for: Duration) -> Cmd {
        let mut call = self.call(&scripts::QUEUE_CLAIM);
        call.arg(now).arg(consumer).arg(limit).arg(micros(good_for));
        call.arg(MOST_IN_CHUNK);
        call
    }

    /// Reads the answer to [`claim`](Self::claim): single jobs, which others left, before those of chunks; each in the
    /// order in which they came.
    pub(super) fn taken(&self, answer: Value) -> Result<Vec<Taken>, Fault> {
        type Single = (String, u32, bool, Vec<u8>, Option<Vec<u8>>);
        type Chunk = (String, Vec<u8>, Option<Vec<u8>>);
        let (singles, chunks): (Vec<Single>, Vec<Chunk>) = read(answer)?;
        let mut all = Vec::with_capacity(singles.len());
        for (entry, deliveries, handed_before, id, job) in singles {
            all.push(Taken {
                place: self.place(&entry, 0, 0)?,
                deliveries,
                handed_before,
                id,
                job,
            });
        }
        all.sort_unstable_by_key(|taken| taken.place);
        for (entry, ids, jobs) in chunks {
            let (ids, _) = ids.as_chunks::<16>();
            let mut jobs = record::split(jobs.as_deref().unwrap_or_default());
            for (nth, id) in ids.iter().enumerate() {
                all.push(Taken {
                    place: self.place(&entry, ids.len(), nth + 1)?,
                    deliveries: 1,
                    handed_before: false,
                    id: id.to_vec(),
                    job: jobs.next().map(<[_]>::to_vec),
                });
            }
        }
        Ok(all)
    }

    fn place(&self, entry: &str, chunk: usize, nth: usize) -> Result<Place, Fault> {
        let damaged = || Fault::damaged(format!("the queue's entry {entry}"));
        Ok(Place {
            partition: self.number,
            entry: Entry::parse(entry).ok_or_else(damaged)?,
            chunk: u16::try_from(chunk).map_err(Fault::damaged)?,
            nth: u16::try_from(nth).map_err(Fault::damaged)?,
        })
    }

    /// Settles groups of jobs: each is a single one, or is of one chunk.
    pub(super) fn settle(
        &self,
        now: &str,
        consumer: &str,
        groups: &mut dyn Iterator<Item = &[Ended<Ending>]>,
    ) -> Cmd {
        let mut call = self.call(&scripts::QUEUE_SETTLE);
        call.arg(now).arg(consumer).arg(MOST_DEAD);
        for group in groups {
            let Some(Ended { place, .. }) = group.first() else {
                continue;
            };
            call.arg(place.entry.to_string());
            match place.chunk {
                0 => {
                    call.arg(0);
                }
                _ if is_whole(group) && group.iter().all(|ended| ended.how == Ending::Forget) => {
                    call.arg("all");
                    continue;
                }
                _ => {
                    call.arg(group.len());
                }
            }
            for Ended {
                place,
                deliveries,
                how,
                ..
            } in group
            {
                let which = if place.chunk == 0 {
                    *deliveries
                } else {
                    u32::from(place.nth)
                };
                let (what, fate) = how.words();
                call.arg(which).arg(what).arg(fate);
            }
        }
        call
    }

    /// Gives groups of jobs back: each is a single one, or is of one chunk.
    pub(super) fn hand_back(
        &self,
        now: &str,
        consumer: &str,
        after: Duration,
        groups: &mut dyn Iterator<Item = &[Ended<()>]>,
    ) -> Cmd {
        let mut call = self.call(&scripts::QUEUE_HAND_BACK);
        call.arg(now).arg(consumer).arg(micros(after));
        call.arg(QUEUE_BELL).arg(self.number);
        for group in groups {
            let Some(Ended {
                place, deliveries, ..
            }) = group.first()
            else {
                continue;
            };
            call.arg(place.entry.to_string());
            if place.chunk == 0 {
                call.arg(0).arg(*deliveries);
                continue;
            }
            call.arg(group.len());
            for ended in group {
                call.arg(ended.place.nth);
            }
        }
        call
    }

    /// Forgets consumers that hold no claim and have not asked for one for so long.
    pub(super) fn prune(&self, gone_for: Duration) -> Cmd {
        let mut call = self.call(&scripts::QUEUE_PRUNE);
        call.arg(micros(gone_for) / 1_000);
        call
    }

    /// Reads a job and its fate.
    pub(super) fn read(&self, id: BookingId) -> Cmd {
        let mut call = self.call(&scripts::QUEUE_READ);
        call.arg(id.uuid().as_bytes());
        call
    }

    pub(super) fn view(&self) -> Cmd {
        self.call(&scripts::QUEUE_VIEW)
    }

    /// Reads the answer to [`view`](Self::view).
    pub(super) fn shown(answer: Value) -> Result<Shown, Fault> {
        let (depth, claimed, dead, owner, oldest, oldest_single) = read(answer)?;
        Ok(Shown {
            depth,
            claimed,
            dead,
            owner,
            oldest: [oldest, oldest_single],
        })
    }
}

/// The groups of claims in the order of their places: a single job is one, and so are those of one chunk.
pub(super) fn groups<T>(sorted: &[Ended<T>]) -> impl Iterator<Item = &[Ended<T>]> {
    let of = |ended: &Ended<T>| (ended.place.entry, ended.place.chunk);
    sorted.chunk_by(move |a, b| a.place.chunk > 0 && of(a) == of(b))
}

/// Whether no two of the jobs have an id or a key in common.
fn are_distinct<'a>(mut written: impl Iterator<Item = &'a Written>) -> bool {
    let (mut ids, mut keys) = (
        HashSet::with_capacity(MOST_IN_CHUNK),
        HashSet::with_capacity(MOST_IN_CHUNK),
    );
    written.all(|job| ids.insert(job.id) && (job.key == [0; 16] || keys.insert(job.key)))
}

/// Whether a group has each job of its chunk once.
fn is_whole<T>(group: &[Ended<T>]) -> bool {
    let is_next = |(before, ended): (usize, &Ended<T>)| usize::from(ended.place.nth) == before + 1;
    let size = group.first().map_or(0, |ended| usize::from(ended.place.chunk));
    group.len() == size && group.iter().enumerate().all(is_next)
}

/// Reads a value of the type that its script answers with.
pub(super) fn read<T: FromRedisValue>(answer: Value) -> Result<T, Fault> {
    redis::from_redis_value(answer).map_err(Fault::damaged)
}

/// Reads the answer to a push: which jobs were not queued, counted from 0, and why.
pub(super) fn refused(answer: Value) -> Result<Vec<(usize, Pushed)>, Fault> {
    let answers: Vec<(usize, Vec<u8>)> = read(answer)?;
    let meaning = |(place, answer): (usize, Vec<u8>)| {
        let pushed = match &*answer {
            b"full" => Pushed::Full,
            twin => Pushed::Twin(BookingId::from_uuid(
                uuid::Uuid::from_slice(twin).map_err(Fault::damaged)?,
            )),
        };
        let place = place.checked_sub(1).ok_or_else(|| Fault::damaged("a push"))?;
        Ok((place, pushed))
    };
    answers.into_iter().map(meaning).collect()
}

/// Reads the answer to a settlement or a handing back: a text a group, with a character a job.
pub(super) fn settled(answer: Value) -> Result<Vec<Vec<Settled>>, Fault> {
    let texts: Vec<Vec<u8>> = read(answer)?;
    let meaning = |character: &u8| match character {
        b'1' => Settled::Done,
        _ => Settled::Stale,
    };
    Ok(texts
        .iter()
        .map(|text| text.iter().map(meaning).collect())
        .collect())
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros())
        .unwrap_or(u64::MAX)
        .min(MOST_MICROS)
}

/// What a script's numbers can bear: a century.
const MOST_MICROS: u64 = 100 * 366 * 86_400 * 1_000_000;

//! Writing what commits leave to be written outside their event's slot: by whoever committed, and by whoever finds
//! that they did not.

use crate::announced::WRITTEN_OFF_AFTER_SECONDS;
use crate::commit::{Indexing, Outcome, is_left_over};
use crate::data::Data;
use crate::error::Fault;
use crate::keys::{self, Part};
use crate::members;
use crate::outbox::{Item, strike};
use crate::scripts::{PLACE, WRITE_OFF};
use crate::values;
use evently_core::domain::{Event, EventCursor, EventId, EventSort, EventSortKey, Timestamp};
use evently_core::ledger::{Changes, EventWrite};
use redis::Cmd;
use std::sync::Arc;
use std::time::Duration;

/// How often announced events are looked at.
const SWEEP_EVERY: Duration = Duration::from_secs(3);
/// How many of them are looked at in one go.
const SWEEP: usize = 256;

/// What is left to be written of an event, and the versions whose commits left it.
pub(crate) struct LeftOver {
    writes: Vec<Cmd>,
    items: Vec<Vec<u8>>,
}

impl Data {
    /// Writes what committed changes leave to be written, and strikes it out.
    ///
    /// # Errors
    /// Something was not written: it stays in the outbox.
    pub(crate) async fn index(&self, changes: &[Changes], outcomes: &[Outcome]) -> Result<(), Fault> {
        let mut commands = Vec::new();
        let mut strikes = Vec::new();
        for (changes, outcome) in changes.iter().zip(outcomes) {
            let Outcome::Done { due_changed } = outcome else {
                continue;
            };
            let (id, version) = (changes.event_id, changes.revision().version);
            if self.indexing() == Indexing::Afterwards {
                commands.extend(Item::of(changes).commands(id));
            }
            match &changes.event {
                Some(EventWrite::Put(event)) => commands.push(in_catalogue(event, version)),
                Some(EventWrite::Delete) => {
                    commands.extend(out_of_everything(id));
                    continue;
                }
                None => {}
            }
            if *due_changed {
                commands.push(in_due(id, version, changes.due_at));
            }
            if *due_changed || is_left_over(changes, self.indexing()) {
                strikes.push(strike(id, &[version.to_string().into_bytes()]));
            }
        }
        if commands.is_empty() && strikes.is_empty() {
            return Ok(());
        }
        self.connection.ask_every(commands).await?;
        // Nobody waits for that: an item that is not struck out is written once more, which changes nothing.
        let connection = self.connection.clone();
        tokio::spawn(async move { connection.ask_all(&strikes).await });
        Ok(())
    }

    /// Writes whatever is left to be written of an event, and puts it where it stands.
    ///
    /// # Errors
    /// Something was not written: it stays in the outbox.
    pub(crate) async fn settle(&self, id: EventId) -> Result<(), Fault> {
        let left = self.left_over(id).await?;
        self.write(id, left).await
    }

    /// What is left to be written of an event.
    ///
    /// Where it stands is looked at before whether it exists: one that is not there yet may be made, and put where it
    /// stands, before what is found here is written.
    ///
    /// # Errors
    /// The storage failed.
    pub(crate) async fn left_over(&self, id: EventId) -> Result<LeftOver, Fault> {
        let stands = self.connection.ask_every(stands(id).into()).await?;
        let mut command = redis::cmd("HGETALL");
        command.arg(keys::event(id, Part::Outbox));
        let items = values::pairs(self.connection.ask(command).await?)?;
        let mut writes = Vec::new();
        for (_, item) in &items {
            writes.extend(Item::read(item)?.commands(id));
        }
        match self.standing(id).await? {
            Some(standing) => {
                writes.push(in_catalogue(&standing.event, standing.version));
                writes.push(in_due(id, standing.version, standing.head.due_at));
            }
            None => {
                for (mut removal, stands) in out_of_everything(id).into_iter().zip(stands) {
                    if let Some(stands) = values::optional_bytes(stands)? {
                        removal.arg(stands);
                        writes.push(removal);
                    }
                }
            }
        }
        Ok(LeftOver {
            writes,
            items: items.into_iter().map(|(version, _)| version).collect(),
        })
    }

    /// Writes what is left, and strikes it out.
    ///
    /// # Errors
    /// Something was not written: it stays in the outbox.
    pub(crate) async fn write(&self, id: EventId, left: LeftOver) -> Result<(), Fault> {
        self.connection.ask_every(left.writes).await?;
        if !left.items.is_empty() {
            self.connection.ask(strike(id, &left.items)).await?;
        }
        Ok(())
    }

    /// Looks through what was announced: settles what is not, and writes off what is old.
    ///
    /// # Errors
    /// The storage failed; the next sweep goes on.
    pub(crate) async fn sweep(&self) -> Result<(), Fault> {
        let mut first = 0;
        loop {
            let mut command = redis::cmd("ZRANGE");
            command.arg(keys::UNSETTLED).arg(first).arg(first + SWEEP - 1);
            let ids = values::list(self.connection.ask(command).await?)?;
            let ids: Vec<_> = ids.into_iter().map(values::id).collect::<Result<_, _>>()?;
            let ids: Vec<EventId> = ids.into_iter().map(EventId::from_uuid).collect();
            let written_off = self.sweep_some(&ids).await?;
            if ids.len() < SWEEP {
                return Ok(());
            }
            first += ids.len() - written_off;
        }
    }

    /// How many of the events are written off.
    async fn sweep_some(&self, ids: &[EventId]) -> Result<usize, Fault> {
        let exists = |id: &EventId| {
            let mut command = redis::cmd("EXISTS");
            command
                .arg(keys::event(*id, Part::Inventory))
                .arg(keys::event(*id, Part::Outbox));
            command
        };
        let found = self
            .connection
            .ask_every(ids.iter().map(exists).collect())
            .await?;
        let mut write_offs = Vec::new();
        for (id, found) in ids.iter().zip(found) {
            // An event with nothing left to be written has an inventory and no outbox.
            if values::number::<u8>(found)? != 1 {
                self.settle(*id).await?;
            }
            let mut command = WRITE_OFF.call(&[keys::UNSETTLED]);
            command.arg(id.uuid().as_bytes()).arg(WRITTEN_OFF_AFTER_SECONDS);
            write_offs.push(command);
        }
        let written_off = self.connection.ask_every(write_offs).await?.into_iter();
        let counts = written_off
            .map(values::number::<usize>)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(counts.into_iter().sum())
    }
}

/// The store's own sweep: at once, and every few seconds for as long as it is open.
pub(crate) async fn sweep_forever(data: Arc<Data>) {
    loop {
        if let Err(fault) = data.sweep().await {
            tracing::debug!(error = %fault, "indexes not swept");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// Puts an event where it stands in the catalogue.
fn in_catalogue(event: &Event, version: u64) -> Cmd {
    let at =
        |sort: EventSort, key: EventSortKey| members::in_catalogue(sort, &EventCursor { key, id: event.id });
    let mut command = PLACE.call(&keys::IN_CATALOGUE);
    command.arg(event.id.uuid().as_bytes()).arg(version);
    command.arg(event.id.uuid().as_bytes());
    command.arg(at(EventSort::StartsAt, EventSortKey::Time(event.starts_at)));
    command.arg(at(
        EventSort::StartsAtDescending,
        EventSortKey::Time(event.starts_at),
    ));
    command.arg(at(EventSort::Name, EventSortKey::Name(event.name.clone())));
    command.arg(at(
        EventSort::CreatedAtDescending,
        EventSortKey::Time(event.created_at),
    ));
    command
}

/// Puts an event where it stands among those with something due.
fn in_due(id: EventId, version: u64, due_at: Option<Timestamp>) -> Cmd {
    let mut command = PLACE.call(&keys::IN_DUE);
    command.arg(id.uuid().as_bytes()).arg(version);
    command.arg(due_at.map_or_else(Vec::new, |at| members::by_instant(at, id)));
    command
}

/// An event's places: in the catalogue, and among those with something due.
const PLACES: [&[&str]; 2] = [&keys::IN_CATALOGUE, &keys::IN_DUE];

/// Reads what is known of an event's places.
fn stands(id: EventId) -> [Cmd; 2] {
    PLACES.map(|keys| {
        let mut command = redis::cmd("HGET");
        command.arg(keys[0]).arg(id.uuid().as_bytes());
        command
    })
}

/// Takes an event that does not exist out of its places; with what is known of one as one more argument, only while
/// that is so.
fn out_of_everything(id: EventId) -> [Cmd; 2] {
    PLACES.map(|keys| {
        let mut command = PLACE.call(keys);
        command.arg(id.uuid().as_bytes()).arg(0);
        command
    })
}

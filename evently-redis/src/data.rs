//! What all handles on a store share, and the two things that everything else is made of: committing and loading.

use crate::announced::Announced;
use crate::commit::{self, Indexing, Outcome};
use crate::connection::Connection;
use crate::definitions::Definitions;
use crate::error::Fault;
use crate::load::{self, Loaded};
use evently_core::domain::EventId;
use evently_core::ledger::{Changes, EventWrite, Need, Snapshot};
use evently_core::store::{Committed, ErrorKind, Signals, StoreError};
use std::sync::atomic::{AtomicBool, Ordering};

/// What all handles on a store share.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) connection: Connection,
    pub(crate) definitions: Definitions,
    pub(crate) announced: Announced,
    pub(crate) signals: Signals,
    closed: AtomicBool,
}

impl Data {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            definitions: Definitions::new(),
            announced: Announced::default(),
            signals: Signals::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// Refuses all that comes after.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// Whether it is open still.
    ///
    /// # Errors
    /// It is not.
    pub(crate) fn open(&self) -> Result<(), Fault> {
        match self.closed.load(Ordering::Relaxed) {
            true => Err(Fault::Closed),
            false => Ok(()),
        }
    }

    /// Who writes the indexes over events.
    pub(crate) fn indexing(&self) -> Indexing {
        match self.connection.is_cluster() {
            true => Indexing::Afterwards,
            false => Indexing::Within,
        }
    }

    /// Answers needs, each at one version.
    pub(crate) async fn load(&self, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, Fault> {
        let kept: Vec<_> = needs
            .iter()
            .map(|need| self.definitions.kept(need.event_id))
            .collect();
        let asked = needs.iter().zip(&kept);
        let commands = asked
            .map(|(need, kept)| load::command(need, kept.as_ref()))
            .collect();
        let answers = self.connection.read_every(commands).await?;
        let mut snapshots = Vec::with_capacity(needs.len());
        for ((need, kept), answer) in needs.iter().zip(kept).zip(answers) {
            let loaded = self.read_snapshot(need, kept, answer)?;
            // Whoever committed may have died. What the loader is about to answer for must be found by all.
            if loaded.as_ref().is_some_and(|loaded| loaded.is_unsettled) {
                self.settle(need.event_id).await?;
            }
            snapshots.push(loaded.map(|Loaded { snapshot, .. }| snapshot));
        }
        Ok(snapshots)
    }

    /// Commits each event's changes and writes what follows from them into the indexes.
    pub(crate) async fn commit(&self, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        commit::check(changes)?;
        let mut commands = Vec::with_capacity(changes.len() + 1);
        let events = || changes.iter().map(|changes| changes.event_id);
        let announcement = self.announced.announce(events());
        let unannounced = |_: &Fault| self.announced.forget(events());
        let mut announces = 0;
        match announcement {
            // Commands to one server are done in order: the announcement is first.
            Some(announcement) if !self.connection.is_cluster() => {
                commands.push(announcement);
                announces = 1;
            }
            Some(announcement) => drop(self.connection.ask(announcement).await.inspect_err(unannounced)?),
            None => {}
        }
        for changes in changes {
            commands.push(commit::command(changes, self.indexing())?);
        }
        let mut answers = self.connection.ask_all(&commands).await;
        let announced: Result<Vec<_>, _> = answers.drain(..announces).collect();
        announced.inspect_err(unannounced)?;
        let answers = answers.into_iter().map(|answer| answer.and_then(Outcome::read));
        let outcomes = all_or_part(answers.collect())?;
        for (changes, outcome) in changes.iter().zip(&outcomes) {
            if matches!(outcome, Outcome::Done { .. }) {
                self.signals.tell(changes.event_id);
            }
            if matches!(outcome, Outcome::Done { .. }) && changes.event == Some(EventWrite::Delete) {
                self.definitions.forget(changes.event_id);
            }
        }
        self.index(changes, &outcomes).await?;
        Ok(outcomes.into_iter().map(Outcome::committed).collect())
    }

    /// One booking's event, by its id; `None` if there is none.
    pub(crate) async fn event_by(&self, key: String, id: uuid::Uuid) -> Result<Option<EventId>, Fault> {
        let mut command = redis::cmd("HGET");
        command.arg(key).arg(id.as_bytes());
        let event = crate::values::optional_bytes(self.connection.read(command).await?)?;
        let event = event.map(|event| uuid::Uuid::from_slice(&event).map_err(Fault::damaged));
        Ok(event.transpose()?.map(EventId::from_uuid))
    }
}

/// The outcomes if nothing failed. Where one event was refused for good and another was stored, it is not true that
/// nothing was: that is transient, and whoever asks again learns of each.
fn all_or_part(answers: Vec<Result<Outcome, Fault>>) -> Result<Vec<Outcome>, Fault> {
    // Of what failed for a moment it is unknown whether it was stored.
    let may_be_stored = |answer: &Result<Outcome, Fault>| match answer {
        Ok(outcome) => matches!(outcome, Outcome::Done { .. }),
        Err(fault) => fault.kind() == ErrorKind::Transient,
    };
    let in_part = answers.iter().any(may_be_stored);
    let outcomes: Result<Vec<_>, Fault> = answers.into_iter().collect();
    outcomes.map_err(|fault| match in_part {
        true => Fault::InPart(Box::new(fault)),
        false => fault,
    })
}

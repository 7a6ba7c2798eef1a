//! The commands of one event in one batch, on their way to an answer: needs, decisions, outcomes. No I/O.

use super::{Shared, Ticket};
use crate::domain::{EventId, Timestamp};
use crate::error::Error;
use crate::ledger::{
    self, Changes, Command, Context, Decision, EventWrite, Inventory, Need, Receipt, Refusal, Snapshot,
};
use crate::store::StoreError;
use std::{panic::AssertUnwindSafe, sync::Arc};

/// The commands of one event, in order of arrival.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) event_id: EventId,
    /// Commands to decide.
    open: Vec<Ticket>,
    /// Commands decided, to be answered once their changes are committed.
    decided: Vec<(Ticket, Result<Receipt, Error>)>,
    pub(super) inventory: Option<Box<Inventory>>,
    /// What must be loaded before the open commands can be decided.
    pub(super) need: Option<Need>,
    /// Whether the inventory was loaded, or committed to, after the commands arrived.
    current: bool,
    /// A commit's answer was lost: what was decided may have happened.
    in_doubt: Option<Arc<StoreError>>,
    pub(super) conflicts: u32,
    rounds: u32,
}

impl Work {
    /// How often more facts may be asked for: far beyond what the longest waitlist takes, but an end.
    const MAX_ROUNDS: u32 = 100_000;

    pub(super) fn new(event_id: EventId, inventory: Option<Box<Inventory>>) -> Self {
        Self {
            event_id,
            open: Vec::new(),
            decided: Vec::new(),
            inventory,
            need: None,
            current: false,
            in_doubt: None,
            conflicts: 0,
            rounds: 0,
        }
    }

    pub(super) fn add(&mut self, ticket: Ticket) {
        self.open.push(ticket);
    }

    pub(super) fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// What to load before deciding, if anything: all that the commands surely need where nothing is known.
    pub(super) fn take_need(&mut self) -> Option<Need> {
        if self.inventory.is_some() {
            return self.need.take().map(normalized);
        }
        let mut need = self.need.take().unwrap_or_else(|| Need::event(self.event_id));
        need.seats = true;
        for ticket in &self.open {
            need.merge(ticket.command.needs(self.event_id));
        }
        Some(normalized(need))
    }

    /// Takes in what was loaded. An event that does not exist answers its commands here, but for its making.
    pub(super) fn loaded(&mut self, need: &Need, snapshot: Option<Snapshot>) {
        self.current = true;
        match (snapshot, &mut self.inventory) {
            (Some(snapshot), Some(known)) if known.revision() == snapshot.revision => {
                known.learn(need, snapshot)
            }
            (Some(snapshot), _) => self.inventory = Some(Box::new(Inventory::new(need, snapshot))),
            (None, _) => self.inventory = None,
        }
    }

    /// Decides the open commands; answers at once those that need no commit. What comes back is to be committed.
    pub(super) fn decide(&mut self, shared: &Shared, now: Timestamp) -> Option<Changes> {
        self.rounds += 1;
        if self.rounds > Self::MAX_ROUNDS {
            self.fail(&Error::Failed);
            return None;
        }
        let Some(inventory) = &mut self.inventory else {
            return self.decide_absent();
        };
        let context = Context {
            now,
            ids: &*shared.ids,
            limits: &shared.limits,
        };
        let mut open = Vec::new();
        for ticket in std::mem::take(&mut self.open) {
            if ticket.not_after.is_some_and(|end| end <= context.now) {
                ticket.answer(Err(undecided(self.in_doubt.as_ref())));
                continue;
            }
            let decide = AssertUnwindSafe(|| inventory.decide(&ticket.command, context));
            match std::panic::catch_unwind(decide) {
                Ok(Decision::Done(receipt)) => self.decided.push((ticket, Ok(receipt))),
                Ok(Decision::Refused(refusal)) => {
                    let answer = refused(&ticket.command, refusal, self.in_doubt.as_ref());
                    self.decided.push((ticket, Err(answer)));
                }
                Ok(Decision::Missing(need)) => {
                    match &mut self.need {
                        Some(known) => known.merge(*need),
                        None => self.need = Some(*need),
                    }
                    open.push(ticket);
                }
                Err(_) => {
                    // A bug: nothing of this event's batch is committed, and its inventory is forgotten.
                    tracing::error!(event.id = %self.event_id, "a decision panicked; its batch is abandoned");
                    ticket.answer(Err(Error::Failed));
                    self.open = open;
                    self.fail(&Error::Failed);
                    return None;
                }
            }
        }
        self.open = open;
        match inventory.take_changes() {
            Some(changes) => Some(changes),
            None if self.current || self.decided.is_empty() => {
                self.answer_decided();
                None
            }
            None => {
                // Decided on what was kept, and nothing to commit that would prove it current: look again.
                self.reopen();
                self.need = Some(self.need.take().unwrap_or_else(|| Need::event(self.event_id)));
                None
            }
        }
    }

    /// There is no such event: it can be made, and nothing else.
    fn decide_absent(&mut self) -> Option<Changes> {
        let mut creation = None;
        for ticket in std::mem::take(&mut self.open) {
            match &*ticket.command {
                Command::Create(event) if creation.is_none() => {
                    let (changes, listing) = ledger::create((**event).clone());
                    creation = Some(changes);
                    self.decided.push((ticket, Ok(Receipt::Event(listing))));
                }
                Command::Delete if self.in_doubt.is_some() => ticket.answer(Ok(Receipt::Done)),
                _ => ticket.answer(Err(Refusal::NotFound.into())),
            }
        }
        creation
    }

    /// The changes are stored.
    pub(super) fn committed(&mut self, changes: &Changes) {
        let is_deleted = changes.event == Some(EventWrite::Delete);
        match &mut self.inventory {
            Some(inventory) if !is_deleted => inventory.committed(changes.revision()),
            _ => self.inventory = None,
        }
        self.current = true;
        self.answer_decided();
    }

    /// The changes are not stored, since the event was not as they were decided on.
    pub(super) fn conflicted(&mut self, shared: &Shared, in_doubt: Option<&Arc<StoreError>>) {
        self.inventory = None;
        self.need = None;
        self.conflicts += 1;
        if let Some(error) = in_doubt {
            self.in_doubt = Some(Arc::clone(error));
            for (ticket, _) in &mut self.decided {
                ticket.command.may_have_happened();
            }
        }
        self.reopen();
        if self.conflicts > shared.settings.max_conflicts {
            let error = undecided(self.in_doubt.as_ref());
            self.fail(&error);
        }
    }

    /// Answers every command with an error, and forgets the inventory.
    pub(super) fn fail(&mut self, error: &Error) {
        self.inventory = None;
        self.reopen();
        for ticket in self.open.drain(..) {
            ticket.answer(Err(error.clone()));
        }
    }

    fn answer_decided(&mut self) {
        for (ticket, answer) in self.decided.drain(..) {
            ticket.answer(answer);
        }
    }

    /// Makes the decided commands open again, in front of those that are.
    fn reopen(&mut self) {
        let mut open: Vec<Ticket> = self.decided.drain(..).map(|(ticket, _)| ticket).collect();
        open.append(&mut self.open);
        self.open = open;
    }
}

fn normalized(mut need: Need) -> Need {
    need.normalize();
    need
}

/// What a command is answered that is not decided any more. Overloaded says that nothing happened: only an outcome
/// that is not in doubt may be called so.
fn undecided(in_doubt: Option<&Arc<StoreError>>) -> Error {
    match in_doubt {
        Some(error) => Error::Store(Arc::clone(error)),
        None => Error::Overloaded {
            retry_after: super::Lanes::RETRY_AFTER,
        },
    }
}

/// What a refusal is answered as. A change of an event that finds the version moved on may have moved it itself, if
/// the answer to its commit was lost, and a hold that cannot be extended may have been extended just so: nobody can tell,
/// so it is answered as the failure it was.
fn refused(command: &Command, refusal: Refusal, in_doubt: Option<&Arc<StoreError>>) -> Error {
    match (command, &refusal, in_doubt) {
        (Command::Change { .. }, Refusal::VersionConflict { .. }, Some(error))
        | (Command::Extend { .. }, Refusal::HoldLimit, Some(error)) => Error::Store(Arc::clone(error)),
        _ => Error::Refused(refusal),
    }
}

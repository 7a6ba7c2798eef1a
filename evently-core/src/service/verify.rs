//! The recount of everything from bookings, and a sweep on demand.

use crate::domain::EventId;
use crate::ledger::{Command, Difference};
use crate::{error::Error, evently::Evently};

/// What a recount found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// How many events were recounted.
    pub events: u64,
    /// The events in which something differs.
    pub wrong: Vec<EventReport>,
}

/// What differs in one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventReport {
    /// The event.
    pub event_id: EventId,
    /// Every figure that differs.
    pub differences: Vec<Difference>,
}

impl Evently {
    /// How many events one step of [`verify`](Self::verify) lists.
    const VERIFY_PAGE: usize = 100;

    /// Recounts every event from its bookings, entries and seats, and calls `progress` after each.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn verify(&self, mut progress: impl FnMut(u64) + Send) -> Result<VerifyReport, Error> {
        let mut report = VerifyReport::default();
        let mut after = None;
        loop {
            let ids = self.inner.store.event_ids(after, Self::VERIFY_PAGE).await?;
            let Some(last) = ids.last().copied() else {
                return Ok(report);
            };
            after = Some(last);
            for event_id in ids {
                let Some(audit) = self.inner.store.audit(event_id).await? else {
                    continue;
                };
                let differences = audit.differences();
                if !differences.is_empty() {
                    report.wrong.push(EventReport {
                        event_id,
                        differences,
                    });
                }
                report.events += 1;
                progress(report.events);
            }
        }
    }

    /// Does what is due in one event now, as the sweeper would: expires holds, lapses offers, closes the waitlist,
    /// goes on cancelling the event.
    ///
    /// # Errors
    /// [`Error::Overloaded`], [`Error::Store`], [`Error::Closed`]; [`Refusal::NotFound`](crate::Refusal).
    pub async fn sweep(&self, event_id: EventId) -> Result<(), Error> {
        self.submit(event_id, Command::Sweep).await.map(|_| ())
    }
}

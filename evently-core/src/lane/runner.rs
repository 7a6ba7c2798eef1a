//! The task of one lane: batches in, one load and one commit a round, answers out.

use super::figures::{BookingFigures, count};
use super::kept::Kept;
use super::work::Work;
use super::{Shared, Ticket};
use crate::domain::EventId;
use crate::error::Error;
use crate::ledger::{Changes, Need, Snapshot};
use crate::store::{Committed, StoreError};
use hashbrown::HashMap;
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

#[derive(Debug)]
pub(super) struct Lane {
    shared: Arc<Shared>,
    kept: Kept,
}

/// The events of one commit call: their works and their changes, side by side.
type Batch = (Vec<Work>, Vec<Changes>);

impl Lane {
    /// The shortest and the longest pause before a store is asked again.
    const PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(500));
    /// How many conflicts are met without a pause.
    const CALM_CONFLICTS: u32 = 3;

    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            kept: Kept::new(&shared.settings),
            shared,
        }
    }

    /// Works until it is closed and everything taken is answered.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Ticket>, closing: CancellationToken) {
        let max_batch = self.shared.settings.max_batch.max(1);
        let mut batch = Vec::with_capacity(max_batch);
        loop {
            let taken = tokio::select! {
                biased;
                taken = commands.recv_many(&mut batch, max_batch) => taken,
                () = closing.cancelled(), if !commands.is_closed() => {
                    commands.close();
                    continue;
                }
            };
            if taken == 0 {
                return;
            }
            self.shared.counters.batch(taken);
            let works = self.sort(&mut batch);
            self.process(works).await;
            // Those just answered come first: what they ask next makes one batch instead of many.
            tokio::task::yield_now().await;
        }
    }

    /// Sorts a batch by event, keeping the order of arrival within each.
    fn sort(&mut self, batch: &mut Vec<Ticket>) -> Vec<Work> {
        let mut works: Vec<Work> = Vec::new();
        let mut places: HashMap<EventId, usize> = HashMap::new();
        for ticket in batch.drain(..) {
            let place = match works.last() {
                Some(last) if last.event_id == ticket.event_id => works.len() - 1,
                _ => *places.entry(ticket.event_id).or_insert_with(|| {
                    works.push(Work::new(ticket.event_id, self.kept.take(ticket.event_id)));
                    works.len() - 1
                }),
            };
            works[place].add(ticket);
        }
        works
    }

    /// Load, decide, commit; again for whatever met a conflict or must know more.
    async fn process(&mut self, mut works: Vec<Work>) {
        while !works.is_empty() {
            self.load(&mut works).await;
            let mut batch: Batch = (Vec::with_capacity(works.len()), Vec::with_capacity(works.len()));
            let mut next = Vec::new();
            let now = self.shared.clock.now();
            for mut work in works {
                match work.decide(&self.shared, now) {
                    Some(mut changes) => {
                        changes.writer = self.shared.writer;
                        batch.0.push(work);
                        batch.1.push(changes);
                    }
                    None => self.put_by(work, &mut next),
                }
            }
            self.commit(batch, None, &mut next).await;
            works = next;
        }
    }

    /// Keeps the inventory of a work that is done; one that is not goes into the next round.
    fn put_by(&mut self, mut work: Work, next: &mut Vec<Work>) {
        if !work.is_done() {
            next.push(work);
        } else if let Some(inventory) = work.inventory.take() {
            self.kept.put(work.event_id, inventory);
        }
    }

    async fn load(&self, works: &mut [Work]) {
        let mut loading = Vec::new();
        let mut needs = Vec::new();
        for work in works.iter_mut().filter(|work| !work.is_done()) {
            if let Some(need) = work.take_need() {
                loading.push(work);
                needs.push(need);
            }
        }
        if needs.is_empty() {
            return;
        }
        match self.load_patiently(&needs).await {
            Err(error) if !error.is_transient() && needs.len() > 1 => {
                // One event cannot be read: the others shall not suffer for it.
                for (work, need) in loading.into_iter().zip(needs) {
                    let alone = [need];
                    take_in(vec![work], &alone, self.load_patiently(&alone).await);
                }
            }
            answer => take_in(loading, &needs, answer),
        }
    }

    async fn load_patiently(&self, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        let mut tries = 0;
        loop {
            count(&self.shared.counters.loads, 1);
            match self.shared.store.load(needs).await {
                Err(error) if error.is_transient() && tries < self.shared.settings.max_store_retries => {
                    count(&self.shared.counters.retries, 1);
                    self.pause(tries).await;
                    tries += 1;
                }
                answer => return answer,
            }
        }
    }

    /// Commits; `lost` is the error of an earlier try of the same, whose outcome nobody knows.
    async fn commit(
        &mut self,
        (works, changes): Batch,
        mut lost: Option<Arc<StoreError>>,
        next: &mut Vec<Work>,
    ) {
        if works.is_empty() {
            return;
        }
        match self.commit_patiently(&changes, &mut lost).await {
            Ok(outcomes) => {
                let mut worst = 0;
                let mut stored = BookingFigures::default();
                for ((mut work, changes), outcome) in works.into_iter().zip(&changes).zip(outcomes) {
                    match outcome {
                        Committed::Done => {
                            stored.add(changes);
                            work.committed(changes);
                        }
                        Committed::Conflict(_) => {
                            count(&self.shared.counters.conflicts, 1);
                            work.conflicted(&self.shared, lost.as_ref());
                        }
                    }
                    worst = worst.max(work.conflicts);
                    self.put_by(work, next);
                }
                self.shared.counters.stored(&stored);
                if worst > Self::CALM_CONFLICTS {
                    self.pause(worst - Self::CALM_CONFLICTS).await;
                }
            }
            Err(error) if !error.is_transient() && works.len() > 1 => {
                // One event's changes cannot be stored: the others shall not suffer for it.
                for (work, changes) in works.into_iter().zip(changes) {
                    Box::pin(self.commit((vec![work], vec![changes]), lost.clone(), next)).await;
                }
            }
            Err(error) => {
                tracing::warn!(error = %error, events = works.len(), "the store could not be written");
                let error = Error::from(error);
                works.into_iter().for_each(|mut work| work.fail(&error));
            }
        }
    }

    /// Commits, and after a transient error commits the very same again: the version check lets it happen once. If
    /// a repeat meets a conflict, the lost try may have been stored; `lost` then tells that this is in doubt.
    async fn commit_patiently(
        &self,
        changes: &[Changes],
        lost: &mut Option<Arc<StoreError>>,
    ) -> Result<Vec<Committed>, StoreError> {
        let mut tries = 0;
        loop {
            count(&self.shared.counters.commits, 1);
            match self.shared.store.commit(changes).await {
                Err(error) if error.is_transient() && tries < self.shared.settings.max_store_retries => {
                    *lost = Some(Arc::new(error));
                    count(&self.shared.counters.retries, 1);
                    self.pause(tries).await;
                    tries += 1;
                }
                answer => return answer,
            }
        }
    }

    /// Waits a little, longer each time, and never as long as somebody else: the jitter is an id's random bits.
    async fn pause(&self, tries: u32) {
        let (least, most) = Self::PAUSE;
        let span = least.saturating_mul(1 << tries.min(10)).min(most);
        let (_, random) = self.shared.ids.next(self.shared.clock.now()).as_u64_pair();
        let share = 512 + u32::try_from(random % 512).unwrap_or(0);
        tokio::time::sleep(span * share / 1024).await;
    }
}

/// Gives each work what was loaded for it.
fn take_in(loading: Vec<&mut Work>, needs: &[Need], answer: Result<Vec<Option<Snapshot>>, StoreError>) {
    match answer {
        Ok(snapshots) => {
            for ((work, need), snapshot) in loading.into_iter().zip(needs).zip(snapshots) {
                work.loaded(need, snapshot);
            }
        }
        Err(error) => {
            tracing::warn!(error = %error, events = needs.len(), "the store could not be read");
            let error = Error::from(error);
            loading.into_iter().for_each(|work| work.fail(&error));
        }
    }
}

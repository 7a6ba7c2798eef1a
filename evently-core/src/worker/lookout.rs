//! Looks whether what this process waits for was booked by a worker of another one: for all who wait at once, where
//! each alone would ask the queue and the store again and again.
//!
//! A short cut, like [`Outcomes`]: whoever waits also looks for itself, only less often.

use super::outcomes::{Decided, Outcomes};
use crate::domain::{BookingId, EventId};
use crate::ledger::{Need, Receipt};
use crate::store::{Store, StoreError};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio_util::task::AbortOnDropHandle;

/// How long somebody waits before it is looked for them: a worker of this process would have told by then.
const PATIENCE: Duration = Duration::from_millis(3);
/// The time between two looks.
const PACE: Duration = Duration::from_millis(2);
/// How long a store that fails is left alone.
const PAUSE: Duration = Duration::from_millis(250);

/// Looks in the store for whoever waits, until what is returned is dropped.
pub(crate) fn start(store: Arc<dyn Store>, outcomes: Arc<Outcomes>) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            outcomes.arrived().await;
            while let Some(waiting) = outcomes.waiting_for(PATIENCE) {
                let pause = match look(&*store, &outcomes, waiting).await {
                    Ok(()) => PACE,
                    Err(error) => {
                        tracing::debug!(error = %error, "the store could not be asked what was booked");
                        PAUSE
                    }
                };
                tokio::time::sleep(pause).await;
            }
        }
    }))
}

/// Tells those whose booking is in the store.
async fn look(
    store: &dyn Store,
    outcomes: &Outcomes,
    waiting: Vec<(EventId, BookingId)>,
) -> Result<(), StoreError> {
    let mut by_event: BTreeMap<EventId, Vec<BookingId>> = BTreeMap::new();
    for (event_id, id) in waiting {
        by_event.entry(event_id).or_default().push(id);
    }
    while !by_event.is_empty() {
        // One need an event: of an event that more wait for, so many at a time.
        let needs: Vec<Need> = by_event.iter_mut().take(Need::BATCH).map(some_of).collect();
        by_event.retain(|_, ids| !ids.is_empty());
        let snapshots = store.load(&needs).await?;
        for booking in snapshots
            .into_iter()
            .flatten()
            .flat_map(|snapshot| snapshot.bookings)
        {
            let id = booking.id;
            let made = Receipt::Booking {
                booking,
                replayed: false,
            };
            outcomes.tell(id, &Decided::Made(made));
        }
    }
    Ok(())
}

/// Takes some of an event's bookings off, as a need.
fn some_of((event_id, ids): (&EventId, &mut Vec<BookingId>)) -> Need {
    let mut need = Need {
        bookings: ids.split_off(ids.len().saturating_sub(Need::BATCH)),
        ..Need::event(*event_id)
    };
    need.normalize();
    need
}

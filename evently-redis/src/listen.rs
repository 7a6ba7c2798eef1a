//! Word of commits from other processes: one connection that listens, for as long as the store is open.

use crate::connection::Place;
use crate::data::Data;
use crate::error::Fault;
use crate::hearing::hear;
use crate::keys::CHANGED;
use evently_core::domain::EventId;
use futures::StreamExt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long is waited before a cut connection is made anew.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Tells whoever waits here of every commit.
pub(crate) async fn listen_forever(place: Place, data: Arc<Data>) {
    loop {
        if let Err(fault) = listen(&place, &data).await {
            tracing::debug!(error = %fault, "no word of commits by others");
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn listen(place: &Place, data: &Data) -> Result<(), Fault> {
    let mut messages = pin!(hear(place, CHANGED).await?);
    // What was said before is lost.
    data.signals.tell_all();
    while let Some(message) = messages.next().await {
        if let Ok(id) = Uuid::from_slice(&message) {
            data.signals.tell(EventId::from_uuid(id));
        }
    }
    Ok(())
}

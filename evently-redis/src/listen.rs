//! Word of commits from other processes: one connection that listens, for as long as the store is open.

use crate::connection::Place;
use crate::data::Data;
use crate::error::Fault;
use crate::keys::CHANGED;
use evently_core::domain::EventId;
use futures::StreamExt;
use redis::Client;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long is waited before a cut connection is made anew.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Tells whoever waits here of every commit. On a cluster, one node passes on what all others say.
pub(crate) async fn listen_forever(place: Place, data: Arc<Data>) {
    let urls = match place {
        Place::Server(url) => vec![url],
        Place::Cluster(urls) => urls,
    };
    for url in urls.iter().cycle() {
        if let Err(fault) = listen(url, &data).await {
            tracing::debug!(error = %fault, "no word of commits by others");
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn listen(url: &str, data: &Data) -> Result<(), Fault> {
    let mut listener = Client::open(url)?.get_async_pubsub().await?;
    listener.subscribe(CHANGED).await?;
    // What was said before is lost.
    data.signals.tell_all();
    let mut messages = listener.into_on_message();
    while let Some(message) = messages.next().await {
        if let Ok(id) = Uuid::from_slice(message.get_payload_bytes()) {
            data.signals.tell(EventId::from_uuid(id));
        }
    }
    Ok(())
}

//! Hearing what is published: a connection of its own, to whichever server answers first.

use crate::connection::{CONNECT_TIMEOUT, Place};
use crate::error::Fault;
use futures::{Stream, StreamExt};
use redis::Client;

/// What is published in a channel from now on, until the connection is cut. On a cluster, each node passes on what all
/// others say.
///
/// # Errors
/// None of the servers answers: the fault is the last one's.
pub(crate) async fn hear(
    place: &Place,
    channel: &str,
) -> Result<impl Stream<Item = Vec<u8>> + Send + use<>, Fault> {
    let subscribe = async |url: &str| {
        let mut hearing = Client::open(url)?.get_async_pubsub().await?;
        hearing.subscribe(channel).await?;
        Ok(hearing.into_on_message())
    };
    let mut outcome = Err(Fault::TimedOut);
    for url in place.servers() {
        let subscribed = tokio::time::timeout(CONNECT_TIMEOUT, subscribe(url)).await;
        outcome = subscribed.map_err(|_| Fault::TimedOut).flatten();
        if outcome.is_ok() {
            break;
        }
    }
    Ok(outcome?.map(|message| message.get_payload_bytes().to_vec()))
}

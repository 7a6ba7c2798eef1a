//! The task that watches one event for all who look at it.

use super::{Latest, SPACING, Update};
use crate::api::Api;
use evently_core::domain::EventId;
use evently_core::store::StoreError;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// How long an event is not looked at although nobody says that it changed: its phase changes by itself.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long to wait after the store could not be read.
const PAUSE: Duration = Duration::from_secs(1);

/// Keeps `latest` up to date until nobody looks at it, the event is gone or the API drains.
pub(super) async fn watch(api: Api, id: EventId, latest: watch::Sender<Latest>) {
    let live = api.live();
    loop {
        let watched = tokio::select! {
            () = api.draining() => break,
            () = latest.closed() => Ok(true),
            watched = look(&api, id, &latest) => watched,
        };
        match watched {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                tracing::warn!(event.id = %id, error = %error, "a watched event could not be read");
                sleep(PAUSE).await;
            }
        }
        if latest.is_closed() && live.forget_unseen(id) {
            return;
        }
    }
    live.forget(id);
}

/// Reads the event, says what is new and waits until looking again is worth while; whether there is such an event.
async fn look(api: &Api, id: EventId, latest: &watch::Sender<Latest>) -> Result<bool, StoreError> {
    let store = api.evently().store();
    let Some(listing) = store.event(id).await? else {
        return Ok(false);
    };
    let update = Update::of(&listing, api.evently().now());
    let version = update.version();
    latest.send_if_modified(|latest| {
        let is_news = latest.as_ref().is_none_or(|sent| update.is_news_after(sent));
        if is_news {
            *latest = Some(update);
        }
        is_news
    });
    sleep(SPACING).await;
    store.changed(id, version, LOOK_EVERY).await?;
    Ok(true)
}

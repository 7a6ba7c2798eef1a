//! `worker`.

use super::open;
use super::serve::{finish, listen, reachable};
use crate::connection::{self, Bounds, Stop};
use crate::failure::Failure;
use crate::health;
use crate::queue::Queue;
use crate::settings::Settings;
use crate::signals;
use evently_core::{Evently, LaneSettings};
use evently_http::Api;
use evently_http::auth::{JwtSecret, SignIn};
use std::io::{self, Write};

/// Decides what is queued until it is told to stop.
pub(crate) async fn work(name: &str, settings: Settings) -> Result<(), Failure> {
    let Some(redis) = &settings.redis else {
        return Err(Failure::usage("worker: needs --redis, where servers queue"));
    };
    if settings.store.is_of_one_process() {
        return Err(Failure::usage(
            "worker: needs a --store that servers share; memory: is one process' alone",
        ));
    }
    let queue = Queue::on_redis(redis).await?;
    // One lane: its batches are twice as large as two lanes', and each commit costs the store and its log.
    let lanes = LaneSettings {
        lanes: 1,
        ..LaneSettings::default()
    };
    let engine = Evently::builder(open(&settings).await?).lanes(lanes);
    let evently = queue.give_to(engine, settings.workers).build();
    // Nobody signs in here: nothing is served but health.
    let api = Api::builder(evently.clone(), SignIn::accounts(JwtSecret::random()))
        .version(env!("CARGO_PKG_VERSION"))
        .build();
    let stop = Stop::default();
    signals::listen(api.clone(), stop.clone())
        .map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))?;
    let listener = match settings.listen.as_deref() {
        Some(place) => Some(listen(place).await?),
        None => None,
    };
    let address = listener.as_ref().map(|(_, address)| reachable(*address));
    let health = address.map(|address| format!(" Its health is on http://{address}"));
    tracing::info!(store = evently.store().name(), queue = %redis, workers = settings.workers, "working");
    // Nobody may be reading: that is no reason not to work.
    let _ = writeln!(
        io::stdout(),
        "{name} works (store {}, queue {redis}).{}",
        settings.store,
        health.unwrap_or_default()
    );
    let serving = async {
        if let Some((listener, _)) = listener {
            let service = health::service(api.clone());
            let bounds = Bounds {
                max_connections: settings.max_connections,
                cors: settings.cors,
            };
            connection::serve(listener, api, service, bounds, &stop).await;
        }
    };
    let working = async {
        stop.drain.cancelled().await;
        finish(&evently, &stop).await
    };
    let ((), finished) = tokio::join!(serving, working);
    finished
}

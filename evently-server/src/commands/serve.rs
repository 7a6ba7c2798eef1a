//! `serve`.

use super::{admin, open};
use crate::adapter::Adapter;
use crate::compression::compressed;
use crate::connection::{self, Bounds, Stop};
use crate::failure::Failure;
use crate::queue::Queue;
use crate::rates::SharedLimiter;
use crate::settings::{Intake, Settings};
use crate::signals;
use evently_core::Evently;
use evently_core::domain::{Email, Role};
use evently_core::store::Store;
use evently_http::Api;
use evently_http::auth::SignIn;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Serves the API until it is told to stop.
pub(crate) async fn serve<A: Adapter>(adapter: &A, settings: Settings) -> Result<(), Failure> {
    let queue = match settings.intake {
        Intake::Direct => None,
        Intake::Queued => Some(Queue::open(&settings).await?),
    };
    let first = settings.first_admin.as_ref();
    let first = first.map(|first| Ok::<_, Failure>((&*first.email, first.password()?)));
    let first = first.transpose()?;
    let store = open(&settings).await?;
    let secret = match &settings.jwt_secret {
        Some(secret) => secret.clone(),
        None => settings.store.secret_home().secret()?,
    };
    let engine = Evently::builder(store);
    let evently = match queue {
        Some(queue) => queue.give_to(engine, settings.workers).build(),
        None => engine.build(),
    };
    if let Some((email, password)) = first {
        bootstrap(&evently, email, password).await?;
    }
    let api = Api::builder(evently.clone(), SignIn::accounts(secret))
        .rate_limits(settings.rate_limits)
        .trusted_proxies(settings.trusted_proxies.clone())
        .version(env!("CARGO_PKG_VERSION"));
    let api = match &settings.redis {
        Some(redis) => api.rate_limiter(Arc::new(SharedLimiter::new(
            redis,
            settings.rate_limits,
            &evently,
        ))),
        None => api,
    };
    let api = api.build();
    let stop = Stop::default();
    signals::listen(api.clone(), stop.clone())
        .map_err(|error| Failure::failed(format!("cannot listen for signals: {error}")))?;
    let place = settings.listen.as_deref().unwrap_or("127.0.0.1:8080");
    let (listener, address) = listen(place).await?;
    announce(A::NAME, address, &settings, &**evently.store());
    let service = compressed(adapter.service(api.clone()));
    let bounds = Bounds {
        max_connections: settings.max_connections,
        cors: settings.cors,
    };
    connection::serve(listener, api, service, bounds, &stop).await;
    finish(&evently, &stop).await
}

/// Has the engine finish what it has begun.
pub(super) async fn finish(evently: &Evently, stop: &Stop) -> Result<(), Failure> {
    match stop.end.run_until_cancelled(evently.shutdown()).await {
        Some(()) => {
            tracing::info!("stopped");
            Ok(())
        }
        None => Err(Failure::failed("ended before what was in flight was finished")),
    }
}

pub(super) async fn listen(place: &str) -> Result<(TcpListener, SocketAddr), Failure> {
    let bound = TcpListener::bind(place).await;
    let listened = bound.and_then(|listener| listener.local_addr().map(|address| (listener, address)));
    listened.map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::AddrInUse => "something else listens there already".to_owned(),
            _ => error.to_string(),
        };
        Failure::failed(format!("cannot listen on {place}: {why}"))
    })
}

/// Makes the first admin, unless the account is an admin's already: its password may have been changed since.
async fn bootstrap(evently: &Evently, email: &str, password: &str) -> Result<(), Failure> {
    if let Ok(email) = email.parse::<Email>() {
        let found = evently.store().user_by_email(&email).await;
        let found =
            found.map_err(|error| Failure::failed(format!("the admin could not be looked up: {error}")))?;
        if found.is_some_and(|user| user.role == Role::Admin) {
            return Ok(());
        }
    }
    admin::make(evently, email, password).await?;
    tracing::info!("the first admin is made");
    Ok(())
}

/// Says where the server listens and what to try first.
fn announce(name: &str, address: SocketAddr, settings: &Settings, store: &dyn Store) {
    let durability = store.durability().as_str();
    tracing::info!(%address, store = store.name(), durability, "serving");
    let base = format!("http://{}", reachable(address));
    // What is in this process' memory, no other one can fill.
    let first_events = match store.name() {
        "memory" => "an admin posts some to /api/admin/events; EVENTLY_ADMIN_EMAIL and EVENTLY_ADMIN_PASSWORD make the \
                     first admin"
            .to_owned(),
        _ => format!("`{name} demo`, with the same settings, makes some"),
    };
    let text = format!(
        r#"Evently {version} listens on {base} (store {store}, {durability}).

No events yet? Then {first_events}. Sign up, list events, book two tickets:

  TOKEN=$(curl -s {base}/api/auth/signup -H 'content-type: application/json' \
    -d '{{"email":"user'$$'@example.com","password":"correct horse battery"}}' \
    | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -s '{base}/api/events?phase=on_sale&limit=1' | tee event.json
  EVENT=$(sed 's/.*"data":\[{{"id":"\([^"]*\)".*/\1/' event.json)
  TYPE=$(sed 's/.*"ticket_types":\[{{"id":"\([^"]*\)".*/\1/' event.json)
  curl -s {base}/api/events/$EVENT/book -H "authorization: Bearer $TOKEN" -H 'idempotency-key: first' \
    -H 'content-type: application/json' -d '{{"ticket_type_id":"'$TYPE'","quantity":2}}'

Health: {base}/health
"#,
        version = env!("CARGO_PKG_VERSION"),
        store = settings.store,
    );
    // Nobody may be reading: that is no reason not to serve.
    let _ = io::stdout()
        .write_all(text.as_bytes())
        .and_then(|()| io::stdout().flush());
}

/// Where the server is reached from its own machine.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => ([127, 0, 0, 1], v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => ([0, 0, 0, 0, 0, 0, 0, 1], v6.port()).into(),
        address => address,
    }
}

//! The plainest adapter there can be: the table of routes and the operations, no framework.

use bytes::Buf;
use evently_http::{Api, Head, Reply, ops, routes};
use futures::Stream;
use http::Method;

/// Answers a request, whose path has no parameters told yet.
pub(crate) async fn answer<Failure: Send>(
    api: &Api,
    mut head: Head,
    body: impl Stream<Item = Result<impl Buf + Send, Failure>> + Send,
) -> Reply {
    let method = match &head.method {
        &Method::HEAD => &Method::GET,
        method => method,
    };
    match find(method, &head.path) {
        Some((op, path_params)) => {
            head.path_params = path_params;
            serve(api, op, head, body).await
        }
        None => api.unrouted(&head, body).await,
    }
}

fn find(method: &Method, path: &str) -> Option<(&'static str, Vec<String>)> {
    let params = |template: &str| {
        let parts = template.split('/').zip(path.split('/'));
        let fits = template.split('/').count() == path.split('/').count()
            && parts
                .clone()
                .all(|(part, sent)| part == sent || (part.starts_with('{') && !sent.is_empty()));
        let ids = parts
            .filter(|(part, _)| part.starts_with('{'))
            .map(|(_, sent)| sent.to_owned());
        fits.then(|| ids.collect())
    };
    let mut routes = routes::ROUTES.iter().filter(|route| route.method == method);
    routes.find_map(|route| Some((route.op, params(route.path)?)))
}

macro_rules! table {
    ($api:ident, $op:ident, $head:ident, $body:ident: $($area:ident::{$($name:ident),*})*) => {
        match $op {
            $($(concat!(stringify!($area), "::", stringify!($name)) => $api.exchange($head, $body, ops::$area::$name).await,)*)*
            other => panic!("{other} is in no table"),
        }
    };
}

async fn serve<Failure: Send>(
    api: &Api,
    op: &str,
    head: Head,
    body: impl Stream<Item = Result<impl Buf + Send, Failure>> + Send,
) -> Reply {
    table! { api, op, head, body:
        admin::{create_event, change_event, publish_event, cancel_event, delete_event, bookings, waitlist}
        analytics::{overview, popular, figures, sales}
        auth::{signup, login, refresh, logout, me}
        bookings::{book, hold, list, one, confirm, extend, cancel}
        docs::{openapi, page, part}
        events::{list, one, availability, seats, stream}
        health::{health, live, ready}
        metrics::{metrics}
        queue::{view}
        waitlist::{join, list, one, leave, accept, decline}
    }
}

//! The routes, as warp writes them.
//!
//! warp tries one filter after the other. So the paths that are asked for most stand first, each area is passed by
//! its first segments, and a path is looked at before a method.

use crate::exchange::{Routed, answer, head, to, to_one};
use evently_http::{Api, ops};
use std::future::ready;
use warp::filters::BoxedFilter;
use warp::path::Peek;
use warp::reply::Response;
use warp::{Filter, Rejection, delete, patch, path, post};

/// The whole API as a filter, ready to serve or to put behind a prefix.
///
/// Whatever it is asked, it answers, and in the contract's shape: paths and methods that it does not know, too. So
/// what else an application serves stands before it, or beside its prefix. Behind a prefix, the paths in its
/// answers carry the prefix.
pub fn routes(api: Api) -> BoxedFilter<(Response,)> {
    let unrouted = warp::any().map(|| None);
    let routed = no_slash_at_the_end().and(every()).map(Some).or(unrouted).unify();
    head()
        .and(routed)
        .and(warp::body::stream())
        .then(move |head, routed, body| answer(api.clone(), head, routed, body))
        .boxed()
}

/// The first that fits.
macro_rules! first_of {
    ($first:expr, $($next:expr),+ $(,)?) => { $first$(.or($next).unify())+.boxed() };
}

fn every() -> BoxedFilter<(Routed,)> {
    first_of!(
        events(),
        bookings(),
        waitlist(),
        accounts(),
        analytics(),
        admin(),
        queue(),
        operations(),
    )
}

fn accounts() -> BoxedFilter<(Routed,)> {
    path!("api" / "auth" / ..)
        .and(first_of!(
            path!("signup").and(post()).map(to(ops::auth::signup)),
            path!("login").and(post()).map(to(ops::auth::login)),
            path!("refresh").and(post()).map(to(ops::auth::refresh)),
            path!("logout").and(post()).map(to(ops::auth::logout)),
            path!("me").and(get()).map(to(ops::auth::me)),
        ))
        .boxed()
}

fn events() -> BoxedFilter<(Routed,)> {
    path!("api" / "events" / ..)
        .and(first_of!(
            path!(String / "book")
                .and(post())
                .map(to_one(ops::bookings::book)),
            path!(String).and(get()).map(to_one(ops::events::one)),
            path!().and(get()).map(to(ops::events::list)),
            path!(String / "availability")
                .and(get())
                .map(to_one(ops::events::availability)),
            path!(String / "seats").and(get()).map(to_one(ops::events::seats)),
            path!(String / "stream")
                .and(get())
                .map(to_one(ops::events::stream)),
            path!(String / "holds")
                .and(post())
                .map(to_one(ops::bookings::hold)),
            path!(String / "waitlist")
                .and(post())
                .map(to_one(ops::waitlist::join)),
        ))
        .boxed()
}

fn bookings() -> BoxedFilter<(Routed,)> {
    path!("api" / "bookings" / ..)
        .and(first_of!(
            path!(String).and(get()).map(to_one(ops::bookings::one)),
            path!().and(get()).map(to(ops::bookings::list)),
            path!(String / "confirm")
                .and(post())
                .map(to_one(ops::bookings::confirm)),
            path!(String / "extend")
                .and(post())
                .map(to_one(ops::bookings::extend)),
            path!(String / "cancel")
                .and(post())
                .map(to_one(ops::bookings::cancel)),
        ))
        .boxed()
}

fn waitlist() -> BoxedFilter<(Routed,)> {
    path!("api" / "waitlist" / ..)
        .and(first_of!(
            path!(String).and(get()).map(to_one(ops::waitlist::one)),
            path!(String).and(delete()).map(to_one(ops::waitlist::leave)),
            path!().and(get()).map(to(ops::waitlist::list)),
            path!(String / "accept")
                .and(post())
                .map(to_one(ops::waitlist::accept)),
            path!(String / "decline")
                .and(post())
                .map(to_one(ops::waitlist::decline)),
        ))
        .boxed()
}

fn queue() -> BoxedFilter<(Routed,)> {
    path!("api" / "admin" / "queue")
        .and(get())
        .map(to(ops::queue::view))
        .boxed()
}

fn admin() -> BoxedFilter<(Routed,)> {
    path!("api" / "admin" / "events" / ..)
        .and(first_of!(
            path!().and(post()).map(to(ops::admin::create_event)),
            path!(String).and(patch()).map(to_one(ops::admin::change_event)),
            path!(String).and(delete()).map(to_one(ops::admin::delete_event)),
            path!(String / "publish")
                .and(post())
                .map(to_one(ops::admin::publish_event)),
            path!(String / "cancel")
                .and(post())
                .map(to_one(ops::admin::cancel_event)),
            path!(String / "bookings")
                .and(get())
                .map(to_one(ops::admin::bookings)),
            path!(String / "waitlist")
                .and(get())
                .map(to_one(ops::admin::waitlist)),
        ))
        .boxed()
}

fn analytics() -> BoxedFilter<(Routed,)> {
    path!("api" / "admin" / "analytics" / ..)
        .and(first_of!(
            path!("overview").and(get()).map(to(ops::analytics::overview)),
            path!("popular").and(get()).map(to(ops::analytics::popular)),
            path!("events" / String)
                .and(get())
                .map(to_one(ops::analytics::figures)),
            path!("events" / String / "sales")
                .and(get())
                .map(to_one(ops::analytics::sales)),
        ))
        .boxed()
}

fn operations() -> BoxedFilter<(Routed,)> {
    first_of!(
        path!("health").and(get()).map(to(ops::health::health)),
        path!("health" / "live").and(get()).map(to(ops::health::live)),
        path!("health" / "ready").and(get()).map(to(ops::health::ready)),
        path!("metrics").and(get()).map(to(ops::metrics::metrics)),
    )
}

/// `HEAD` is a `GET` whose body the server leaves out.
fn get() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    warp::get().or(warp::head()).unify()
}

/// warp takes a slash at the end of a path for nothing; the contract does not.
fn no_slash_at_the_end() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    let is_none = |below: Peek| {
        let ends_with_one = below.as_str().ends_with('/');
        ready(if ends_with_one {
            Err(warp::reject())
        } else {
            Ok(())
        })
    };
    warp::path::peek().and_then(is_none).untuple_one()
}

//! The routes, as axum writes them.

use crate::exchange::{To, unrouted};
use axum::Router;
use axum::routing::{any, delete, get, patch, post};
use evently_http::{Api, ops};

/// The whole API as a router, ready to serve or to mount under a prefix.
///
/// Whatever it is asked, its answers have the contract's shape: paths and methods that it does not know, too.
/// Mounted under a prefix, the paths in its answers carry the prefix.
///
/// It has a fallback of its own; `merge` it only with routers that have none.
pub fn router(api: Api) -> Router {
    Router::new()
        .merge(accounts())
        .merge(events())
        .merge(bookings())
        .merge(waitlist())
        .merge(admin())
        .merge(analytics())
        .merge(operations())
        .merge(no_ids())
        .fallback(unrouted)
        .method_not_allowed_fallback(unrouted)
        .with_state(api)
}

/// Paths whose id is empty are nobody's; axum would take them for their routes', and tell of those routes' methods.
fn no_ids() -> Router<Api> {
    let roots = [
        "/api/events",
        "/api/bookings",
        "/api/waitlist",
        "/api/admin/events",
        "/api/admin/analytics/events",
    ];
    let no_id = |router: Router<Api>, root| router.route(&format!("{root}//{{tail}}"), any(unrouted));
    roots.into_iter().fold(Router::new(), no_id)
}

fn accounts() -> Router<Api> {
    Router::new()
        .route("/api/auth/signup", post(To(ops::auth::signup)))
        .route("/api/auth/login", post(To(ops::auth::login)))
        .route("/api/auth/refresh", post(To(ops::auth::refresh)))
        .route("/api/auth/logout", post(To(ops::auth::logout)))
        .route("/api/auth/me", get(To(ops::auth::me)))
}

fn events() -> Router<Api> {
    Router::new()
        .route("/api/events", get(To(ops::events::list)))
        .route("/api/events/{id}", get(To(ops::events::one)))
        .route(
            "/api/events/{id}/availability",
            get(To(ops::events::availability)),
        )
        .route("/api/events/{id}/seats", get(To(ops::events::seats)))
        .route("/api/events/{id}/stream", get(To(ops::events::stream)))
}

fn bookings() -> Router<Api> {
    Router::new()
        .route("/api/events/{id}/book", post(To(ops::bookings::book)))
        .route("/api/events/{id}/holds", post(To(ops::bookings::hold)))
        .route("/api/bookings", get(To(ops::bookings::list)))
        .route("/api/bookings/{id}", get(To(ops::bookings::one)))
        .route("/api/bookings/{id}/confirm", post(To(ops::bookings::confirm)))
        .route("/api/bookings/{id}/extend", post(To(ops::bookings::extend)))
        .route("/api/bookings/{id}/cancel", post(To(ops::bookings::cancel)))
}

fn waitlist() -> Router<Api> {
    Router::new()
        .route("/api/events/{id}/waitlist", post(To(ops::waitlist::join)))
        .route("/api/waitlist", get(To(ops::waitlist::list)))
        .route(
            "/api/waitlist/{id}",
            get(To(ops::waitlist::one)).delete(To(ops::waitlist::leave)),
        )
        .route("/api/waitlist/{id}/accept", post(To(ops::waitlist::accept)))
        .route("/api/waitlist/{id}/decline", post(To(ops::waitlist::decline)))
}

fn admin() -> Router<Api> {
    Router::new()
        .route("/api/admin/events", post(To(ops::admin::create_event)))
        .route("/api/admin/events/{id}", patch(To(ops::admin::change_event)))
        .route("/api/admin/events/{id}", delete(To(ops::admin::delete_event)))
        .route(
            "/api/admin/events/{id}/publish",
            post(To(ops::admin::publish_event)),
        )
        .route(
            "/api/admin/events/{id}/cancel",
            post(To(ops::admin::cancel_event)),
        )
        .route("/api/admin/events/{id}/bookings", get(To(ops::admin::bookings)))
        .route("/api/admin/events/{id}/waitlist", get(To(ops::admin::waitlist)))
        .route("/api/admin/queue", get(To(ops::queue::view)))
}

fn analytics() -> Router<Api> {
    Router::new()
        .route("/api/admin/analytics/overview", get(To(ops::analytics::overview)))
        .route("/api/admin/analytics/popular", get(To(ops::analytics::popular)))
        .route(
            "/api/admin/analytics/events/{id}",
            get(To(ops::analytics::figures)),
        )
        .route(
            "/api/admin/analytics/events/{id}/sales",
            get(To(ops::analytics::sales)),
        )
}

fn operations() -> Router<Api> {
    Router::new()
        .route("/openapi.json", get(To(ops::docs::openapi)))
        .route("/docs", get(To(ops::docs::page)))
        .route("/docs/{file}", get(To(ops::docs::part)))
        .route("/health", get(To(ops::health::health)))
        .route("/health/live", get(To(ops::health::live)))
        .route("/health/ready", get(To(ops::health::ready)))
        .route("/metrics", get(To(ops::metrics::metrics)))
}

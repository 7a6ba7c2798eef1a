//! Every route as data: what adapters' tests and the OpenAPI document are checked against.

use crate::problem::Problem;
use http::Method;

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method; `GET` routes answer `HEAD` too.
    pub method: Method,
    /// The path template; `{id}` stands for one segment.
    pub path: &'static str,
    /// The operation: its module and name in [`ops`](crate::ops).
    pub op: &'static str,
}

const fn route(method: Method, path: &'static str, op: &'static str) -> Route {
    Route { method, path, op }
}

impl Route {
    /// Whether this is the path of a request.
    fn takes(&self, path: &str) -> bool {
        // Every request is matched with many routes: what comes before the id, and what behind, rules nearly all of
        // them out.
        let Some((before, behind)) = self.path.split_once('{') else {
            return self.path == path;
        };
        let Some((_, behind)) = behind.split_once('}') else {
            return false;
        };
        let rest = path
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(behind));
        rest.is_some_and(|id| !id.is_empty() && !id.contains('/'))
    }
}

/// Every route.
pub const ROUTES: &[Route] = &[
    route(Method::POST, "/api/auth/signup", "auth::signup"),
    route(Method::POST, "/api/auth/login", "auth::login"),
    route(Method::POST, "/api/auth/refresh", "auth::refresh"),
    route(Method::POST, "/api/auth/logout", "auth::logout"),
    route(Method::GET, "/api/auth/me", "auth::me"),
    route(Method::GET, "/api/events", "events::list"),
    route(Method::GET, "/api/events/{id}", "events::one"),
    route(
        Method::GET,
        "/api/events/{id}/availability",
        "events::availability",
    ),
    route(Method::GET, "/api/events/{id}/seats", "events::seats"),
    route(Method::GET, "/api/events/{id}/stream", "events::stream"),
    route(Method::POST, "/api/events/{id}/book", "bookings::book"),
    route(Method::POST, "/api/events/{id}/holds", "bookings::hold"),
    route(Method::POST, "/api/events/{id}/waitlist", "waitlist::join"),
    route(Method::GET, "/api/bookings", "bookings::list"),
    route(Method::GET, "/api/bookings/{id}", "bookings::one"),
    route(Method::POST, "/api/bookings/{id}/confirm", "bookings::confirm"),
    route(Method::POST, "/api/bookings/{id}/extend", "bookings::extend"),
    route(Method::POST, "/api/bookings/{id}/cancel", "bookings::cancel"),
    route(Method::GET, "/api/waitlist", "waitlist::list"),
    route(Method::GET, "/api/waitlist/{id}", "waitlist::one"),
    route(Method::DELETE, "/api/waitlist/{id}", "waitlist::leave"),
    route(Method::POST, "/api/waitlist/{id}/accept", "waitlist::accept"),
    route(Method::POST, "/api/waitlist/{id}/decline", "waitlist::decline"),
    route(Method::POST, "/api/admin/events", "admin::create_event"),
    route(Method::PATCH, "/api/admin/events/{id}", "admin::change_event"),
    route(Method::DELETE, "/api/admin/events/{id}", "admin::delete_event"),
    route(
        Method::POST,
        "/api/admin/events/{id}/publish",
        "admin::publish_event",
    ),
    route(
        Method::POST,
        "/api/admin/events/{id}/cancel",
        "admin::cancel_event",
    ),
    route(Method::GET, "/api/admin/events/{id}/bookings", "admin::bookings"),
    route(Method::GET, "/api/admin/events/{id}/waitlist", "admin::waitlist"),
    route(Method::GET, "/api/admin/queue", "queue::view"),
    route(
        Method::GET,
        "/api/admin/analytics/overview",
        "analytics::overview",
    ),
    route(Method::GET, "/api/admin/analytics/popular", "analytics::popular"),
    route(
        Method::GET,
        "/api/admin/analytics/events/{id}",
        "analytics::figures",
    ),
    route(
        Method::GET,
        "/api/admin/analytics/events/{id}/sales",
        "analytics::sales",
    ),
    route(Method::GET, "/openapi.json", "docs::openapi"),
    route(Method::GET, "/docs", "docs::page"),
    route(Method::GET, "/docs/{file}", "docs::part"),
    route(Method::GET, "/health", "health::health"),
    route(Method::GET, "/health/live", "health::live"),
    route(Method::GET, "/health/ready", "health::ready"),
    route(Method::GET, "/metrics", "metrics::metrics"),
];

/// The place in [`ROUTES`] of the route that takes a request.
pub(crate) fn place_of(method: &Method, path: &str) -> Option<usize> {
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    ROUTES
        .iter()
        .position(|route| route.method == method && route.takes(path))
}

/// What a request is answered that no route takes: 405 with `Allow` if its path (as it was sent, without the
/// query) is a route's with other methods, else 404.
pub fn unrouted(path: &str) -> Problem {
    let allowed = allowed(path);
    if allowed.is_empty() {
        Problem::not_found()
    } else {
        Problem::method_not_allowed(&allowed)
    }
}

/// The methods that the routes of this path take, `HEAD` after `GET`; none if it is no route's.
fn allowed(path: &str) -> Vec<Method> {
    let mut methods = Vec::new();
    for route in ROUTES.iter().filter(|route| route.takes(path)) {
        methods.push(route.method.clone());
        if route.method == Method::GET {
            methods.push(Method::HEAD);
        }
    }
    methods
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_wrong_method_is_told_the_right_ones() {
        assert_eq!(allowed("/api/events"), [Method::GET, Method::HEAD]);
        assert_eq!(
            allowed("/api/waitlist/x"),
            [Method::GET, Method::HEAD, Method::DELETE]
        );
        assert_eq!(allowed("/api/admin/events/x"), [Method::PATCH, Method::DELETE]);
    }

    #[test]
    fn slashes_too_many_are_no_route() {
        for path in [
            "/api/events/",
            "/api//events",
            "//api/events",
            "/api/events//book",
            "/",
            "",
            "/api",
        ] {
            assert!(allowed(path).is_empty(), "{path}");
        }
    }

    #[test]
    fn no_route_and_no_operation_is_listed_twice() {
        let routes: HashSet<_> = ROUTES.iter().map(|route| (&route.method, route.path)).collect();
        let ops: HashSet<_> = ROUTES.iter().map(|route| route.op).collect();
        assert_eq!((routes.len(), ops.len()), (ROUTES.len(), ROUTES.len()));
    }
}

//! The API as an OpenAPI 3.1 document, made from the route table, the views and what is said of every operation.
//!
//! The document is a value of the program: the same bytes at `/openapi.json`, from the command `openapi`, and in
//! `openapi.json` at the repository's root, which a test keeps fresh.

mod bodies;
mod operation;
mod operations;
mod parameters;
mod problems;
pub(crate) mod words;

use crate::routes::ROUTES;
use http::Method;
use operation::{BEARER, Named};
use problems::ProblemSchema;
use std::collections::HashMap;
use std::sync::LazyLock;
use utoipa::openapi::path::{HttpMethod, PathItem, Paths};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema, ToSchema};

/// The document as JSON text, ending in a line feed.
pub fn document() -> &'static str {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        // Every part of it is made of texts and numbers: there is nothing that JSON cannot hold.
        let text = assemble().to_pretty_json().unwrap_or_default();
        text + "\n"
    });
    &DOCUMENT
}

const ABOUT: &str = "Sells tickets without ever overselling.

Times are RFC 3339 in UTC, ids are UUIDs, money is in minor units of the event's currency. Members that a request \
                     has too many are ignored. Every answer that is no success is a problem (RFC 9457) whose `code` \
                     is stable. Lists are paged by `limit` and `cursor`, and name the next page in `Link`.";

fn assemble() -> OpenApi {
    let mut operations: HashMap<_, _> = operations::all()
        .into_iter()
        .map(|operation| (operation.op, operation))
        .collect();
    let mut paths = Paths::new();
    let mut schemas = Vec::new();
    ProblemSchema::schemas(&mut schemas);
    schemas.push((ProblemSchema::name().into_owned(), ProblemSchema::schema()));
    for route in ROUTES {
        let Some(mut operation) = operations.remove(route.op) else {
            continue;
        };
        schemas.append(&mut operation.schemas);
        let item = PathItem::new(method(&route.method), operation.at(route));
        paths
            .paths
            .entry(route.path.to_owned())
            .or_default()
            .merge_operations(item);
    }
    let info = InfoBuilder::new()
        .title("Evently")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(
            LicenseBuilder::new()
                .name(env!("CARGO_PKG_LICENSE"))
                .identifier(Some(env!("CARGO_PKG_LICENSE")))
                .build(),
        ));
    OpenApiBuilder::new()
        .info(info.build())
        .tags(Some(operations::tags()))
        .paths(paths)
        .components(Some(components(schemas)))
        .build()
}

fn components(mut schemas: Vec<Named>) -> Components {
    schemas.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut components = parameters::components();
    components.schemas.extend(schemas);
    components
        .responses
        .extend(problems::components().map(|(code, answer)| (code.to_owned(), answer.into())));
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".to_owned());
    bearer.description = Some("An access token from signing in, good for 15 minutes.".to_owned());
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    components
}

fn method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        Method::PUT => HttpMethod::Put,
        _ => HttpMethod::Get,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn parsed() -> Value {
        serde_json::from_str(document()).unwrap()
    }

    #[test]
    fn every_route_is_documented_and_nothing_else() {
        let told: BTreeSet<_> = operations::all().iter().map(|operation| operation.op).collect();
        let routes: BTreeSet<_> = ROUTES.iter().map(|route| route.op).collect();
        assert_eq!(told, routes);
        assert_eq!(
            operations::all().len(),
            ROUTES.len(),
            "an operation is told twice"
        );
        let document = parsed();
        for route in ROUTES {
            let method = route.method.as_str().to_lowercase();
            assert!(
                document["paths"][route.path][&method].is_object(),
                "{method} {}",
                route.path
            );
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn follow(root: &Value, value: &Value) {
            match value {
                Value::Object(members) => {
                    if let Some(Value::String(target)) = members.get("$ref") {
                        let pointer = target.strip_prefix('#').unwrap();
                        assert!(root.pointer(pointer).is_some(), "{target}");
                    }
                    members.values().for_each(|value| follow(root, value));
                }
                Value::Array(values) => values.iter().for_each(|value| follow(root, value)),
                _ => {}
            }
        }
        let document = parsed();
        follow(&document, &document);
    }

    #[test]
    fn every_bound_is_the_engines() {
        let limits = evently_core::domain::Limits::default();
        let schema = |path: &str| {
            let document = parsed();
            let found = document.pointer(&format!("/components/schemas/{path}")).cloned();
            found.unwrap_or_else(|| panic!("{path}"))
        };
        let most = [
            (
                "Quantity/properties/quantity/maximum",
                u64::from(limits.max_per_booking),
            ),
            (
                "JoinWaitlist/properties/quantity/maximum",
                u64::from(limits.max_per_booking),
            ),
            (
                "TicketTypeBody/properties/max_per_booking/maximum",
                u64::from(limits.max_per_booking),
            ),
            ("Items/properties/items/maxItems", limits.max_items as u64),
            ("Name/maxLength", limits.max_name_chars as u64),
            (
                "NewEvent/properties/description/maxLength",
                limits.max_description_chars as u64,
            ),
            (
                "NewEvent/properties/capacity/maximum",
                u64::from(limits.max_capacity),
            ),
            (
                "NewEvent/properties/sections/maxItems",
                limits.max_sections as u64,
            ),
            (
                "NewEvent/properties/ticket_types/maxItems",
                limits.max_ticket_types as u64,
            ),
            (
                "NewEvent/properties/price_minor/maximum",
                limits.max_price_minor.unsigned_abs(),
            ),
            (
                "GeneralSection/properties/capacity/maximum",
                u64::from(limits.max_capacity),
            ),
        ];
        for (path, most) in most {
            assert_eq!(schema(path).as_u64(), Some(most), "{path}");
        }
    }

    #[test]
    fn the_committed_document_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == document(),
            "openapi.json is stale. Renew it: cargo run -p evently-axum -- openapi > openapi.json"
        );
    }
}

//! What cases begin with.

use super::client::{Client, Target};
use serde_json::{Value, json};

/// An event that an admin made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) admin: Client,
    pub(crate) event: Value,
}

impl Made {
    pub(crate) fn id(&self) -> &str {
        self.event["id"].as_str().unwrap()
    }

    /// A path under the event.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/events/{}{rest}", self.id())
    }

    /// A path under the event, for admins.
    pub(crate) fn admin_path(&self, rest: &str) -> String {
        format!("/api/admin/events/{}{rest}", self.id())
    }

    /// The id of the ticket type at this place.
    pub(crate) fn ticket_type(&self, place: usize) -> &str {
        self.event["ticket_types"][place]["id"].as_str().unwrap()
    }

    /// What is left, as everybody sees it.
    pub(crate) async fn available(&self) -> u64 {
        let answer = self.admin.get(&self.path("/availability")).await;
        answer.ok(200)["available"].as_u64().unwrap()
    }
}

/// A create body: an event far in the future, with what is added.
pub(crate) fn event_body(extra: Value) -> Value {
    let mut body = json!({
        "name": "Lighthouse",
        "venue": "Harbour hall",
        "starts_at": "2199-06-01T19:00:00Z",
        "ends_at": "2199-06-01T22:00:00Z",
    });
    for (name, value) in extra.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// An event on sale.
pub(crate) async fn event(target: &Target, extra: Value) -> Made {
    let admin = target.admin();
    let event = admin.post("/api/admin/events", event_body(extra)).await.ok(201);
    Made { admin, event }
}

/// An event on sale with so many places.
pub(crate) async fn general(target: &Target, capacity: u32) -> Made {
    event(target, json!({ "capacity": capacity })).await
}

/// An event with two rows of four seats, of which one is accessible and one blocked, and a floor of ten places.
pub(crate) async fn seated(target: &Target) -> Made {
    let rows = json!([
        {"label": "A", "seats": 4, "accessible": ["1"]},
        {"label": "B", "seats": ["1", "2", "3", "4"], "blocked": ["4"]},
    ]);
    let sections = json!([{"name": "Stalls", "rows": rows}, {"name": "Floor", "capacity": 10}]);
    let types = json!([
        {"name": "Seat", "section": "Stalls", "price_minor": 2500},
        {"name": "Standing", "section": "Floor", "price_minor": 1500},
    ]);
    event(target, json!({"sections": sections, "ticket_types": types})).await
}

/// An event of one place, which its first user has.
pub(crate) async fn full(target: &Target, policy: Value) -> (Made, Client, Value) {
    let made = event(target, json!({"capacity": 1, "policy": policy})).await;
    let holder = target.user();
    let booking = holder
        .post(&made.path("/book"), json!({"quantity": 1}))
        .await
        .ok(201);
    (made, holder, booking)
}

/// The booking that an entry came to, as its owner reads it.
pub(crate) async fn booking_of(owner: &Client, entry: &Value) -> Value {
    let id = entry["booking_id"].as_str().unwrap();
    owner.get(&format!("/api/bookings/{id}")).await.ok(200)
}

/// The path of a booking or an entry.
pub(crate) fn path_of(kind: &str, thing: &Value, rest: &str) -> String {
    format!("/api/{kind}/{}{rest}", thing["id"].as_str().unwrap())
}

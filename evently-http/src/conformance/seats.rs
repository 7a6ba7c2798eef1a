//! Seats: the map, named seats, best available.

use super::client::Target;
use super::fixture::seated;
use serde_json::{Value, json};

pub async fn the_map_shows_every_seat(target: &Target) {
    let made = seated(target).await;
    let guest = target.guest();
    target
        .user()
        .post(&made.path("/book"), json!({"seats": ["A-2"]}))
        .await
        .ok(201);
    let map = guest.get(&made.path("/seats")).await.ok(200);
    let seat = |label: &str, status: &str, accessible: bool| json!({"label": label, "status": status, "accessible": accessible});
    let rows = json!([
        {"label": "A", "seats": [
            seat("A-1", "free", true), seat("A-2", "taken", false), seat("A-3", "free", false), seat("A-4", "free", false),
        ]},
        {"label": "B", "seats": [
            seat("B-1", "free", false), seat("B-2", "free", false), seat("B-3", "free", false), seat("B-4", "blocked", false),
        ]},
    ]);
    let (stalls, floor) = (&made.event["sections"][0]["id"], &made.event["sections"][1]["id"]);
    assert_eq!(map["event_id"], made.id());
    assert_eq!(
        map["sections"],
        json!([{"id": stalls, "name": "Stalls", "rows": rows}])
    );
    let of = |id: &Value| made.path(&format!("/seats?section_id={}", id.as_str().unwrap()));
    assert_eq!(guest.get(&of(stalls)).await.ok(200), map);
    assert_eq!(guest.get(&of(floor)).await.ok(200)["sections"], json!([]));
    guest
        .get(&made.path("/seats?section_id=7"))
        .await
        .problem(400, "malformed");
    let unknown = json!("01890a5d-ac96-774b-bcce-b302099a8057");
    guest.get(&of(&unknown)).await.problem(404, "not_found");
}

pub async fn seats_are_booked_by_label(target: &Target) {
    let made = seated(target).await;
    let booking = target
        .user()
        .post(&made.path("/book"), json!({"seats": ["B-1", "A-3"]}))
        .await
        .ok(201);
    assert_eq!(
        (&booking["quantity"], &booking["total_minor"]),
        (&json!(2), &json!(5000))
    );
    let mut seats: Vec<&str> = booking["items"][0]["seats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|seat| seat.as_str().unwrap())
        .collect();
    seats.sort_unstable();
    assert_eq!(seats, ["A-3", "B-1"]);
    assert_eq!(made.available().await, 15);
}

pub async fn taken_and_blocked_seats_are_refused(target: &Target) {
    let made = seated(target).await;
    let user = target.user();
    user.post(&made.path("/holds"), json!({"seats": ["A-2"]}))
        .await
        .ok(201);
    let refused = user
        .post(&made.path("/book"), json!({"seats": ["A-1", "A-2", "A-3"]}))
        .await;
    assert_eq!(refused.problem(409, "seat_taken")["seats"], json!(["A-2"]));
    let refused = user.post(&made.path("/book"), json!({"seats": ["B-4"]})).await;
    assert_eq!(refused.problem(409, "seat_taken")["seats"], json!(["B-4"]));
    assert_eq!(made.available().await, 16);
}

pub async fn the_best_seats_are_adjacent(target: &Target) {
    let made = seated(target).await;
    let user = target.user();
    let book = async |best: Value| {
        let answer = user
            .post(&made.path("/book"), json!({"best_available": best}))
            .await;
        let booking = answer.ok(201);
        let seats = booking["items"][0]["seats"].as_array().unwrap().clone();
        seats
            .into_iter()
            .map(|seat| seat.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let mut together = book(json!({"quantity": 3, "adjacent": true})).await;
    together.sort();
    assert!(
        together == ["A-2", "A-3", "A-4"] || together == ["B-1", "B-2", "B-3"],
        "{together:?}"
    );
    assert_eq!(book(json!({"quantity": 1, "accessible": true})).await, ["A-1"]);
    let too_many = json!({"best_available": {"quantity": 4, "adjacent": true}});
    user.post(&made.path("/book"), too_many)
        .await
        .problem(409, "sold_out");
    let by_number = json!({"quantity": 2, "ticket_type_id": made.ticket_type(0)});
    let booking = user.post(&made.path("/book"), by_number).await.ok(201);
    assert_eq!(booking["items"][0]["seats"].as_array().unwrap().len(), 2);
}

pub async fn unknown_seats_are_invalid(target: &Target) {
    let made = seated(target).await;
    let user = target.user();
    for seat in ["Z-1", "A-5", "a-1", "A1", "", "A-1 "] {
        let answer = user.post(&made.path("/book"), json!({"seats": [seat]})).await;
        assert_eq!(answer.invalid_fields(), ["seats"], "{seat}");
    }
}

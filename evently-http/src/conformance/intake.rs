//! Queued intake, for a server that has it and works on its own queue: what `Prefer` asks for, and how a request reads
//! before and after its decision. That everything else is answered as in direct intake, the other cases say of it.

use super::client::{Answer, Client, Target, members};
use super::fixture::{full, general, path_of};
use serde_json::{Value, json};
use std::time::Duration;

/// Makes a test of every case about queued intake, each against a server of its own.
///
/// `start` is as for [`http_conformance!`](crate::http_conformance), and its servers queue.
#[macro_export]
macro_rules! http_intake_conformance {
    ($start:ident) => {
        $crate::http_conformance! { @each $start:
            intake::{
                whoever_does_not_wait_reads_the_outcome_by_its_id,
                whoever_waits_is_answered_as_in_direct_intake,
                a_refused_request_reads_why,
                a_request_that_comes_to_the_waitlist_says_so,
                a_key_is_one_booking_however_often_it_is_queued,
                what_cannot_be_is_told_at_once,
                a_queued_request_is_its_owners_alone,
                a_burst_that_does_not_wait_is_sold_exactly,
                the_queue_is_shown_with_its_partitions,
            }
        }
    };
}

const ASYNC: (&str, &str) = ("prefer", "respond-async");

async fn queue(client: &Client, path: &str, body: Value) -> Answer {
    client.post_with(path, &[ASYNC], body).await
}

/// Reads a booking until it is decided.
async fn decided(client: &Client, queued: &Answer) -> Value {
    let path = queued.header("location");
    for _ in 0..2_000 {
        let booking = client.get(path).await.ok(200);
        if booking["status"] != "pending" {
            return booking;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it is never decided");
}

pub async fn whoever_does_not_wait_reads_the_outcome_by_its_id(target: &Target) {
    let made = general(target, 5).await;
    let user = target.user();
    for (route, status) in [("/book", "confirmed"), ("/holds", "held")] {
        let queued = queue(&user, &made.path(route), json!({"quantity": 2})).await;
        let pending = queued.ok(202);
        assert_eq!(queued.header("preference-applied"), "respond-async");
        assert_eq!(queued.header("location"), path_of("bookings", &pending, ""));
        assert_eq!(
            (&pending["status"], &pending["quantity"]),
            (&json!("pending"), &json!(2))
        );
        assert_eq!(pending["items"][0]["ticket_type_id"], made.ticket_type(0));
        for name in ["confirmed_at", "hold_expires_at", "reason", "ended_at"] {
            assert_eq!(pending[name], Value::Null, "{name}");
        }
        let booking = decided(&user, &queued).await;
        assert_eq!(
            (&booking["id"], &booking["status"]),
            (&pending["id"], &json!(status))
        );
        assert_eq!(members(&booking), members(&pending));
    }
    assert_eq!(made.available().await, 1);
    assert_eq!(
        user.get("/api/bookings").await.ok(200)["data"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

pub async fn whoever_waits_is_answered_as_in_direct_intake(target: &Target) {
    let made = general(target, 2).await;
    let (user, path) = (target.user(), made.path("/book"));
    let wait = |seconds: &'static str| [("prefer", seconds)];
    let booked = user
        .post_with(&path, &wait("wait=20"), json!({"quantity": 2}))
        .await;
    assert_eq!(booked.ok(201)["status"], "confirmed");
    assert_eq!(booked.header("preference-applied"), "wait=20");
    let refused = user
        .post_with(&path, &wait("wait=99"), json!({"quantity": 1}))
        .await;
    assert_eq!(refused.problem(409, "sold_out")["available"], 0);
    assert_eq!(refused.header("preference-applied"), "wait=30");
    let refused = user.post(&path, json!({"quantity": 1})).await;
    refused.problem(409, "sold_out");
    assert_eq!(refused.header("preference-applied"), "");
}

pub async fn a_refused_request_reads_why(target: &Target) {
    let (made, _, _) = full(target, json!({})).await;
    let user = target.user();
    let queued = queue(&user, &made.path("/book"), json!({"quantity": 1})).await;
    queued.ok(202);
    let booking = decided(&user, &queued).await;
    assert_eq!(
        (&booking["status"], &booking["reason"]),
        (&json!("rejected"), &json!("sold_out"))
    );
    for rest in ["/confirm", "/extend", "/cancel"] {
        user.post(&path_of("bookings", &booking, rest), Value::Null)
            .await
            .problem(409, "not_held");
    }
    assert_eq!(user.get("/api/bookings").await.ok(200)["data"], json!([]));
}

pub async fn a_request_that_comes_to_the_waitlist_says_so(target: &Target) {
    let (made, _, _) = full(target, json!({})).await;
    let user = target.user();
    let body = json!({"quantity": 1, "on_full": "waitlist"});
    let headers = [ASYNC, ("idempotency-key", "k")];
    let queued = user.post_with(&made.path("/book"), &headers, body.clone()).await;
    queued.ok(202);
    let booking = decided(&user, &queued).await;
    assert_eq!(
        (&booking["status"], &booking["reason"]),
        (&json!("rejected"), &json!("waitlisted"))
    );
    let again = user.post_with(&made.path("/book"), &headers, body).await;
    let entry = again.ok(202);
    assert_eq!(again.header("location"), path_of("waitlist", &entry, ""));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(
        user.get(again.header("location")).await.ok(200)["status"],
        "waiting"
    );
}

pub async fn a_key_is_one_booking_however_often_it_is_queued(target: &Target) {
    let made = general(target, 9).await;
    let (user, path) = (target.user(), made.path("/book"));
    let headers = [ASYNC, ("idempotency-key", "k")];
    let first = user.post_with(&path, &headers, json!({"quantity": 2})).await;
    let pending = first.ok(202);
    for _ in 0..20 {
        let again = user.post_with(&path, &headers, json!({"quantity": 2})).await;
        assert!([202, 201].contains(&again.status), "{}", again.status);
        assert_eq!(again.json()["id"], pending["id"]);
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.header("location"), first.header("location"));
    }
    let booking = decided(&user, &first).await;
    let again = user.post_with(&path, &headers, json!({"quantity": 2})).await;
    assert_eq!(again.ok(201), booking);
    let waited = user.post_with(&path, &headers[1..], json!({"quantity": 2})).await;
    assert_eq!(waited.ok(201), booking);
    user.post_with(&path, &headers[1..], json!({"quantity": 3}))
        .await
        .problem(422, "idempotency_mismatch");
    assert_eq!(made.available().await, 7);
}

pub async fn what_cannot_be_is_told_at_once(target: &Target) {
    let made = general(target, 9).await;
    let user = target.user();
    let nowhere = "/api/events/01890a5d-ac96-774b-bcce-b302099a8057/book";
    queue(&user, nowhere, json!({"quantity": 1}))
        .await
        .problem(404, "not_found");
    for body in [
        json!({}),
        json!({"quantity": 0}),
        json!({"quantity": 101}),
        json!({"seats": ["A-1"]}),
    ] {
        queue(&user, &made.path("/book"), body)
            .await
            .problem(422, "invalid");
    }
    queue(&target.guest(), &made.path("/book"), json!({"quantity": 1}))
        .await
        .problem(401, "unauthorized");
}

pub async fn a_queued_request_is_its_owners_alone(target: &Target) {
    let made = general(target, 1).await;
    let (user, stranger) = (target.user(), target.user());
    for _ in 0..2 {
        let queued = queue(&user, &made.path("/book"), json!({"quantity": 1})).await;
        queued.ok(202);
        stranger
            .get(queued.header("location"))
            .await
            .problem(404, "not_found");
        decided(&user, &queued).await;
        stranger
            .get(queued.header("location"))
            .await
            .problem(404, "not_found");
        made.admin.get(queued.header("location")).await.ok(200);
    }
}

pub async fn a_burst_that_does_not_wait_is_sold_exactly(target: &Target) {
    let made = general(target, 50).await;
    let mut queued = Vec::new();
    for _ in 0..80 {
        let user = target.user();
        let answer = queue(&user, &made.path("/book"), json!({"quantity": 1})).await;
        answer.ok(202);
        queued.push((user, answer));
    }
    let mut confirmed = 0;
    for (user, answer) in &queued {
        confirmed += usize::from(decided(user, answer).await["status"] == "confirmed");
    }
    assert_eq!((confirmed, made.available().await), (50, 0));
}

pub async fn the_queue_is_shown_with_its_partitions(target: &Target) {
    let view = target.admin().get("/api/admin/queue").await.ok(200);
    assert_eq!(members(&view), ["partitions", "dead"]);
    let partitions = view["partitions"].as_array().unwrap();
    assert_eq!(partitions.len(), 8);
    for (id, partition) in partitions.iter().enumerate() {
        assert_eq!(
            members(partition),
            ["id", "depth", "in_flight", "oldest_ms", "owner"]
        );
        assert_eq!((&partition["id"], &partition["depth"]), (&json!(id), &json!(0)));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_run() {
        let text = include_str!("intake.rs");
        for case in text.split("pub async fn ").skip(1) {
            let name = case.split('(').next().unwrap();
            // This split's own text is no case.
            let is_case = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            assert!(
                !is_case || text.contains(&format!("                {name},\n")),
                "{name} is not in the list"
            );
        }
    }
}

//! Many at once.

use super::client::{Answer, Target};
use super::fixture::{event, general, seated};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{sync::Barrier, task::JoinSet};

/// Lets clients loose at once, each with one request, and gathers their answers.
async fn together<Request>(count: usize, request: impl Fn(usize) -> Request) -> Vec<Answer>
where
    Request: Future<Output = Answer> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let mut clients = JoinSet::new();
    for number in 0..count {
        let (barrier, request) = (Arc::clone(&barrier), request(number));
        clients.spawn(async move {
            barrier.wait().await;
            request.await
        });
    }
    clients.join_all().await
}

pub async fn two_hundred_clients_for_ten_tickets_buy_ten(target: &Target) {
    let made = general(target, 10).await;
    let answers = together(200, |_| {
        let (user, path) = (target.user(), made.path("/book"));
        async move { user.post(&path, json!({"quantity": 1})).await }
    })
    .await;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.status == 409);
    assert_eq!((sold, refused.clone().count()), (10, 190));
    for answer in refused {
        assert_eq!(answer.problem(409, "sold_out")["available"], 0);
    }
    assert_eq!(made.available().await, 0);
    let listed = made
        .admin
        .get(&made.admin_path("/bookings?limit=100"))
        .await
        .ok(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 10);
}

pub async fn one_seat_is_sold_once(target: &Target) {
    let made = seated(target).await;
    let answers = together(50, |_| {
        let (user, path) = (target.user(), made.path("/book"));
        async move { user.post(&path, json!({"seats": ["B-2"]})).await }
    })
    .await;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(sold, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.problem(409, "seat_taken")["seats"], json!(["B-2"]));
    }
}

pub async fn one_key_from_many_connections_has_one_effect(target: &Target) {
    let made = event(target, json!({"capacity": 100})).await;
    let user = target.user();
    let answers = together(50, |_| {
        let (user, path) = (user.clone(), made.path("/book"));
        async move {
            user.post_with(&path, &[("idempotency-key", "once")], json!({"quantity": 1}))
                .await
        }
    })
    .await;
    let first: Value = answers[0].ok(201);
    assert!(answers.iter().all(|answer| answer.ok(201) == first));
    let fresh = answers
        .iter()
        .filter(|answer| answer.header("idempotent-replayed").is_empty());
    assert_eq!(fresh.count(), 1);
    assert_eq!(made.available().await, 99);
}

//! What is acknowledged survives the process.

use super::process::{Binary, Server, output};
use serde_json::{Value, json};
use std::path::Path;

const STORE: &str = "sqlite:evently.db";

fn event(capacity: u32) -> Value {
    json!({
        "name": "Ferry", "venue": "Pier 4", "capacity": capacity,
        "starts_at": "2100-01-01T10:00:00Z", "ends_at": "2100-01-01T12:00:00Z",
    })
}

async fn is_verified(binary: &Binary, folder: &Path) {
    let output = output(binary.command(folder, &["verify", "--store", STORE])).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains(" 0 differ"), "{said}");
}

pub async fn a_booking_survives_a_kill_and_its_key_answers_the_same(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let server = binary.start(folder.path(), STORE).await;
    let admin = server.as_ref().admin();
    let id = admin.post("/api/admin/events", event(3)).await.ok(201)["id"].clone();
    let book = format!("/api/events/{}/book", id.as_str().unwrap());
    let account = json!({"email": "user@example.com", "password": "correct horse battery"});
    let signed_up = server
        .as_ref()
        .guest()
        .post("/api/auth/signup", account)
        .await
        .ok(201);
    let token = signed_up["access_token"].as_str().unwrap().to_owned();
    let user = server.as_ref().with_token(token.clone());
    let (key, two) = ([("idempotency-key", "k-1")], json!({"quantity": 2}));
    let booked = user.post_with(&book, &key, two.clone()).await;
    booked.ok(201);
    server.kill().await;

    let server = binary.start(folder.path(), STORE).await;
    let user = server.as_ref().with_token(token);
    let again = user.post_with(&book, &key, two).await;
    assert_eq!((again.status, &again.body), (201, &booked.body));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let found = user.get(booked.header("location")).await;
    assert_eq!(found.body, booked.body);
    user.post(&book, json!({"quantity": 2}))
        .await
        .problem(409, "sold_out");
    server.kill().await;
    is_verified(binary, folder.path()).await;
}

pub async fn the_secret_is_kept_beside_the_file_and_memory_makes_a_new_one(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let start = async |store: &str| {
        let arguments = ["--store", store, "--listen", "127.0.0.1:0", "--log", "json"];
        Server::spawn(binary.command(folder.path(), &arguments)).await
    };
    for (store, is_kept) in [(STORE, true), ("memory:", false)] {
        let server = start(store).await;
        let account = json!({"email": "user@example.com", "password": "correct horse battery"});
        let signed_up = server
            .as_ref()
            .guest()
            .post("/api/auth/signup", account)
            .await
            .ok(201);
        let token = signed_up["access_token"].as_str().unwrap().to_owned();
        server.kill().await;
        let server = start(store).await;
        let me = server.as_ref().with_token(token).get("/api/auth/me").await;
        assert_eq!(me.status == 200, is_kept, "{store}: {}", me.status);
    }
}

pub async fn the_first_admin_is_made_once(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let start = async |password: &str| {
        let arguments = ["--store", STORE, "--listen", "127.0.0.1:0", "--log", "json"];
        let mut command = binary.command(folder.path(), &arguments);
        command.env("EVENTLY_ADMIN_EMAIL", "admin@example.com");
        command.env("EVENTLY_ADMIN_PASSWORD", password);
        Server::spawn(command).await
    };
    let log_in = async |server: &Server, password: &str| {
        let account = json!({"email": "admin@example.com", "password": password});
        server.as_ref().guest().post("/api/auth/login", account).await
    };
    let server = start("first password of mine").await;
    let signed_in = log_in(&server, "first password of mine").await.ok(200);
    assert_eq!(signed_in["user"]["role"], "admin");
    server.kill().await;
    // Another start does not reset what its owner may have changed.
    let server = start("second password of mine").await;
    log_in(&server, "first password of mine").await.ok(200);
    log_in(&server, "second password of mine")
        .await
        .problem(401, "bad_credentials");
}

pub async fn the_demo_is_there_after_two_runs_once(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let demo = async || {
        let output = output(binary.command(folder.path(), &["demo", "--store", STORE])).await;
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let first = demo().await;
    assert!(
        first.contains("5000 confirmed") && first.contains("a second"),
        "{first}"
    );
    assert!(demo().await.contains("nothing was added"));
    is_verified(binary, folder.path()).await;

    let server = binary.start(folder.path(), STORE).await;
    let admin = server.as_ref().admin();
    let phase = async |phase: &str| {
        let page = admin.get(&format!("/api/events?phase={phase}")).await.ok(200);
        page["data"].as_array().unwrap().len()
    };
    for each in [
        "draft",
        "scheduled",
        "on_sale",
        "sold_out",
        "closed",
        "ended",
        "cancelled",
    ] {
        assert!(phase(each).await > 0, "{each}");
    }
    let overview = admin.get("/api/admin/analytics/overview").await.ok(200);
    assert!(overview["waiting"].as_u64().unwrap() > 0, "{overview}");
}

//! Accounts, sign-in, refresh tokens, and which access tokens are let in.

use super::client::{Answer, Client, Target, members};
use super::fixture::general;
use serde_json::{Value, json};

const PASSWORD: &str = "a rather long phrase";

/// An address that nobody else has.
fn address() -> String {
    format!("{:032x}@example.org", rand::random::<u128>())
}

async fn sign_up(guest: &Client, email: &str) -> Answer {
    guest
        .post("/api/auth/signup", json!({"email": email, "password": PASSWORD}))
        .await
}

async fn sign_in(guest: &Client, email: &str, password: &str) -> Answer {
    guest
        .post("/api/auth/login", json!({"email": email, "password": password}))
        .await
}

async fn refresh(guest: &Client, token: &Value) -> Answer {
    guest
        .post("/api/auth/refresh", json!({"refresh_token": token}))
        .await
}

pub async fn an_account_signs_up_in_and_reads_itself(target: &Target) {
    let guest = target.guest();
    let email = address();
    let body = json!({"email": email, "password": PASSWORD, "name": "Ada"});
    let signed_up = guest.post("/api/auth/signup", body).await.ok(201);
    assert_eq!(
        members(&signed_up),
        [
            "user",
            "access_token",
            "refresh_token",
            "token_type",
            "expires_in"
        ]
    );
    assert_eq!(
        members(&signed_up["user"]),
        ["id", "email", "name", "role", "created_at"]
    );
    let user = &signed_up["user"];
    assert_eq!(
        (&user["email"], &user["name"], &user["role"]),
        (&json!(email), &json!("Ada"), &json!("user"))
    );
    assert_eq!(
        (&signed_up["token_type"], &signed_up["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    let signed_in = sign_in(&guest, &email.to_uppercase(), PASSWORD).await.ok(200);
    assert_eq!(&signed_in["user"], user);
    let me = target.with_token(signed_in["access_token"].as_str().unwrap());
    assert_eq!(&me.get("/api/auth/me").await.ok(200), user);
}

pub async fn a_body_grants_nothing(target: &Target) {
    let body = json!({
        "email": address(), "password": PASSWORD, "role": "admin", "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "user": {"role": "admin"}, "disabled": false,
    });
    let signed_up = target.guest().post("/api/auth/signup", body).await.ok(201);
    assert_eq!(signed_up["user"]["role"], "user");
    assert_ne!(signed_up["user"]["id"], "01890a5d-ac96-774b-bcce-b302099a8057");
    let client = target.with_token(signed_up["access_token"].as_str().unwrap());
    client
        .post("/api/admin/events", json!({"role": "admin"}))
        .await
        .problem(403, "forbidden");
}

pub async fn an_address_is_taken_in_any_case(target: &Target) {
    let email = address();
    sign_up(&target.guest(), &email).await.ok(201);
    sign_up(&target.guest(), &email.to_uppercase())
        .await
        .problem(409, "email_taken");
    for email in [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@example",
        "a b@example.org",
        "a@b@example.org",
    ] {
        assert_eq!(
            sign_up(&target.guest(), email).await.invalid_fields(),
            ["email"],
            "{email}"
        );
    }
}

pub async fn a_wrong_password_and_an_unknown_address_answer_alike(target: &Target) {
    let guest = target.guest();
    let email = address();
    sign_up(&guest, &email).await.ok(201);
    let mut wrong = sign_in(&guest, &email, "another long phrase")
        .await
        .problem(401, "bad_credentials");
    let mut unknown = sign_in(&guest, &address(), PASSWORD)
        .await
        .problem(401, "bad_credentials");
    let mut none = sign_in(&guest, "no address", "")
        .await
        .problem(401, "bad_credentials");
    for body in [&mut wrong, &mut unknown, &mut none] {
        body["request_id"] = Value::Null;
    }
    assert_eq!((&wrong, &wrong), (&unknown, &none));
    assert_eq!(
        guest
            .post("/api/auth/login", json!({"email": 7}))
            .await
            .invalid_fields(),
        ["email", "password"]
    );
}

pub async fn weak_passwords_are_refused(target: &Target) {
    for password in [
        "",
        "seven77",
        "password",
        "Password123",
        "QWERTYUIOP",
        &"x".repeat(129),
    ] {
        let body = json!({"email": address(), "password": password});
        let answer = target.guest().post("/api/auth/signup", body).await;
        assert_eq!(answer.invalid_fields(), ["password"], "{password}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("seven77"));
    }
}

pub async fn a_refresh_token_is_good_once(target: &Target) {
    let guest = target.guest();
    let first = sign_up(&guest, &address()).await.ok(201);
    let second = refresh(&guest, &first["refresh_token"]).await.ok(200);
    assert_eq!(second["user"], first["user"]);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let me = target.with_token(second["access_token"].as_str().unwrap());
    me.get("/api/auth/me").await.ok(200);
    refresh(&guest, &second["refresh_token"]).await.ok(200);
    for token in ["", "x", "a\0", &"A".repeat(64)] {
        refresh(&guest, &json!(token)).await.problem(401, "unauthorized");
    }
    assert_eq!(
        refresh(&guest, &json!(7)).await.invalid_fields(),
        ["refresh_token"]
    );
    // A token of the other kind is none.
    refresh(&guest, &first["access_token"])
        .await
        .problem(401, "unauthorized");
    target
        .with_token(first["refresh_token"].as_str().unwrap())
        .get("/api/auth/me")
        .await
        .problem(401, "unauthorized");
}

pub async fn a_reused_refresh_token_ends_its_session(target: &Target) {
    let guest = target.guest();
    let email = address();
    let first = sign_up(&guest, &email).await.ok(201);
    let other = sign_in(&guest, &email, PASSWORD).await.ok(200);
    let second = refresh(&guest, &first["refresh_token"]).await.ok(200);
    refresh(&guest, &first["refresh_token"])
        .await
        .problem(401, "unauthorized");
    refresh(&guest, &second["refresh_token"])
        .await
        .problem(401, "unauthorized");
    refresh(&guest, &other["refresh_token"]).await.ok(200);
}

pub async fn logging_out_ends_the_session(target: &Target) {
    let guest = target.guest();
    let first = sign_up(&guest, &address()).await.ok(201);
    let second = refresh(&guest, &first["refresh_token"]).await.ok(200);
    for token in [
        &second["refresh_token"],
        &second["refresh_token"],
        &json!("unknown"),
    ] {
        let answer = guest
            .post("/api/auth/logout", json!({"refresh_token": token}))
            .await;
        assert_eq!((answer.status, answer.body.len()), (204, 0));
    }
    refresh(&guest, &second["refresh_token"])
        .await
        .problem(401, "unauthorized");
}

pub async fn ten_failed_sign_ins_are_enough(target: &Target) {
    let guest = target.guest();
    let email = address();
    sign_up(&guest, &email).await.ok(201);
    for _ in 0..3 {
        sign_in(&guest, &email, PASSWORD).await.ok(200);
    }
    for _ in 0..10 {
        sign_in(&guest, &email, "wrong")
            .await
            .problem(401, "bad_credentials");
    }
    let refused = sign_in(&guest, &email, PASSWORD)
        .await
        .problem(429, "rate_limited");
    assert!((1..=60).contains(&refused["retry_after"].as_u64().unwrap()));
    sign_in(&guest, &address(), "wrong")
        .await
        .problem(401, "bad_credentials");
}

pub async fn many_good_sign_ins_at_once_are_let_in(target: &Target) {
    let (guest, email) = (target.guest(), address());
    sign_up(&guest, &email).await.ok(201);
    let signing_in = (0..15).map(|_| sign_in(&guest, &email, PASSWORD));
    for answer in futures::future::join_all(signing_in).await {
        answer.ok(200);
    }
}

pub async fn only_good_tokens_are_let_in(target: &Target) {
    let user = target.user();
    let good = user.token();
    let path = "/api/bookings";
    let send =
        async |headers: &[(&str, &str)]| target.guest().send(http::Method::GET, path, headers, None).await;
    for value in [
        format!("Bearer {good}"),
        format!("bearer {good}"),
        format!("BEARER {good}"),
    ] {
        send(&[("authorization", &value)]).await.ok(200);
    }
    let (unsigned, signature) = good.rsplit_once('.').unwrap();
    for value in [
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Basic {good}"),
        good.to_owned(),
        format!("Bearer {good} {good}"),
        format!("Bearer {unsigned}."),
        format!("Bearer {unsigned}"),
        format!("Bearer {unsigned}.{}A", &signature[..signature.len() - 2]),
        format!(
            "Bearer eyJhbGciOiJub25lIn0.{}.",
            unsigned.split_once('.').unwrap().1
        ),
        "Bearer not.a.token".to_owned(),
    ] {
        send(&[("authorization", &value)])
            .await
            .problem(401, "unauthorized");
    }
    let value = format!("Bearer {good}");
    send(&[("authorization", &value), ("authorization", &value)])
        .await
        .problem(401, "unauthorized");
    send(&[]).await.problem(401, "unauthorized");
    // Where anybody may look, bad credentials are told all the same.
    target
        .with_token("bad")
        .get("/api/events")
        .await
        .problem(401, "unauthorized");
}

pub async fn personal_answers_are_not_stored(target: &Target) {
    let made = general(target, 5).await;
    let user = target.user();
    let booked = user.post(&made.path("/book"), json!({"quantity": 1})).await;
    let listed = user.get("/api/bookings").await;
    let missing = user.get("/api/auth/me").await;
    let signed_up = sign_up(&target.guest(), &address()).await;
    for answer in [booked, listed, missing, signed_up] {
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

pub async fn whoever_has_no_account_here_may_book(target: &Target) {
    let made = general(target, 5).await;
    let user = target.user();
    let booking = user
        .post(&made.path("/book"), json!({"quantity": 1}))
        .await
        .ok(201);
    assert_eq!(booking["user_id"], user.user_id());
    user.get("/api/auth/me").await.problem(404, "not_found");
}

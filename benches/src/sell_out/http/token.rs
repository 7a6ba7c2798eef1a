//! Access tokens of the contract's form, signed as an identity provider would.

use evently_core::clock::{Clock, IdSource, RandomIds, SystemClock};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use uuid::Uuid;

/// How long a token is good for, in seconds: longer than any run.
const LIFETIME_SECONDS: i64 = 3_600;

/// How many users book, each with a token of its own for as long as the run takes.
const USERS: usize = 10_000;

/// Signs tokens for one server.
pub(super) struct Tokens {
    users: Vec<String>,
    secret: String,
    key: EncodingKey,
    header: Header,
    issued_at: i64,
}

#[derive(Serialize)]
struct Claims {
    sub: Uuid,
    role: &'static str,
    typ: &'static str,
    iss: &'static str,
    aud: &'static str,
    iat: i64,
    exp: i64,
}

impl Tokens {
    pub(super) fn new() -> Self {
        let now = SystemClock.now();
        let secret = format!("{}{}", RandomIds.next(now).simple(), RandomIds.next(now).simple());
        let mut tokens = Self {
            users: Vec::new(),
            key: EncodingKey::from_secret(secret.as_bytes()),
            header: Header::new(Algorithm::HS256),
            issued_at: now.as_second(),
            secret,
        };
        tokens.users = (0..USERS)
            .map(|_| tokens.sign(RandomIds.next(now), "user"))
            .collect();
        tokens
    }

    /// What the server is to check tokens with.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// When these tokens were issued, in seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.issued_at
    }

    /// The token of whose turn it is.
    pub(super) fn user(&self, turn: usize) -> &str {
        &self.users[turn % USERS]
    }

    pub(super) fn admin(&self) -> String {
        self.sign(Uuid::max(), "admin")
    }

    fn sign(&self, sub: Uuid, role: &'static str) -> String {
        let claims = Claims {
            sub,
            role,
            typ: "access",
            iss: "evently",
            aud: "evently",
            iat: self.issued_at,
            exp: self.issued_at + LIFETIME_SECONDS,
        };
        encode(&self.header, &claims, &self.key)
            .unwrap_or_else(|error| panic!("a token could not be signed: {error}"))
    }
}

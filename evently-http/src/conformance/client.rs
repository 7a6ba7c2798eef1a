//! Where the server is, whoever calls it, and what they are answered.

use crate::auth::{AccessTokens, JwtSecret};
use evently_core::clock::{Clock, SystemClock};
use evently_core::domain::{Caller, UserId};
use http::{HeaderMap, Method};
use serde_json::{Value, json};

/// A server under test.
#[derive(Debug, Clone)]
pub struct Target {
    base_url: String,
    tokens: AccessTokens,
    http: reqwest::Client,
}

impl Target {
    /// The server at this URL (`http://127.0.0.1:8080`, no slash at its end), whose access tokens are signed with
    /// this secret.
    pub fn new(base_url: impl Into<String>, secret: &JwtSecret) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        Self {
            base_url: base_url.into(),
            tokens: AccessTokens::new(secret),
            http: http.build().unwrap(),
        }
    }

    /// Where the server is: host and port.
    pub fn authority(&self) -> &str {
        self.base_url.trim_start_matches("http://")
    }

    /// Somebody who is not signed in.
    pub fn guest(&self) -> Client {
        Client {
            target: self.clone(),
            token: None,
            user_id: String::new(),
        }
    }

    /// A user whom nobody has heard of before.
    pub fn user(&self) -> Client {
        self.client(Caller::user(fresh_user_id()))
    }

    /// An admin whom nobody has heard of before.
    pub fn admin(&self) -> Client {
        self.client(Caller::admin(fresh_user_id()))
    }

    /// Somebody who signs in with this token.
    pub fn with_token(&self, token: impl Into<String>) -> Client {
        Client {
            token: Some(token.into()),
            ..self.guest()
        }
    }

    fn client(&self, caller: Caller) -> Client {
        let token = self.tokens.issue(&caller, SystemClock.now());
        Client {
            target: self.clone(),
            token,
            user_id: caller.user_id.to_string(),
        }
    }
}

fn fresh_user_id() -> UserId {
    UserId::from_uuid(uuid::Builder::from_random_bytes(rand::random()).into_uuid())
}

/// Somebody who calls the server.
#[derive(Debug, Clone)]
pub struct Client {
    target: Target,
    token: Option<String>,
    user_id: String,
}

impl Client {
    /// The caller's id.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The caller's token; empty for a guest.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// A post with a JSON body; `null` for none.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_with(path, &[], body).await
    }

    /// The same with headers.
    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        self.send_json(Method::POST, path, headers, body).await
    }

    /// A change of the event at a version.
    pub async fn patch(&self, path: &str, version: &str, body: Value) -> Answer {
        self.send_json(Method::PATCH, path, &[("if-match", version)], body)
            .await
    }

    async fn send_json(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        if body.is_null() {
            return self.send(method, path, headers, None).await;
        }
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json"));
        self.send(method, path, &headers, Some(body.to_string())).await
    }

    /// A get whose body is read by the caller, as it comes.
    pub(crate) async fn open(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        self.request(Method::GET, path, headers).send().await.unwrap()
    }

    fn request(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.target.base_url);
        let mut request = self.target.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
    }

    /// Any request.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request = self.request(method, path, headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        Answer {
            path: path.to_owned(),
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await.unwrap().to_vec(),
        }
    }
}

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    path: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!(
                "{}: {error} in {:?}",
                self.path,
                String::from_utf8_lossy(&self.body)
            )
        })
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(
            self.status,
            status,
            "{}: {}",
            self.path,
            String::from_utf8_lossy(&self.body)
        );
        if self.body.is_empty() {
            return Value::Null;
        }
        assert_eq!(self.header("content-type"), "application/json", "{}", self.path);
        self.json()
    }

    /// The body of an answer that must be a problem with this status and code, in the whole shape of one.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(
            self.status,
            status,
            "{}: {}",
            self.path,
            String::from_utf8_lossy(&self.body)
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        let body = self.json();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status);
        assert_eq!(body["request_id"], self.header("x-request-id"));
        assert_eq!(body["instance"], self.path.split('?').next().unwrap_or_default());
        for member in ["type", "title", "detail"] {
            assert!(
                body[member].as_str().is_some_and(|text| !text.is_empty()),
                "{member}: {body}"
            );
        }
        let wait = body
            .get("retry_after")
            .and_then(Value::as_u64)
            .map(|wait| wait.to_string());
        assert_eq!(wait.unwrap_or_default(), self.header("retry-after"));
        let challenge = if status == 401 { "Bearer" } else { "" };
        assert_eq!(self.header("www-authenticate"), challenge);
        body
    }

    /// The fields that a 422 names.
    #[track_caller]
    pub fn invalid_fields(&self) -> Vec<String> {
        let body = self.problem(422, "invalid");
        let errors = body["errors"].as_array().unwrap();
        assert!(errors.iter().all(|error| error["message"].is_string()), "{body}");
        errors
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The names of an object's members, in their order.
pub(crate) fn members(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The empty object.
pub(crate) fn nothing() -> Value {
    json!({})
}

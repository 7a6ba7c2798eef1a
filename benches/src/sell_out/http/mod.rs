//! Over HTTP: an adapter's binary that sells, beside a server in the same framework that only checks the token and
//! reads and writes a little JSON. Both are processes of their own, asked over kept-alive connections on loopback.

mod connection;
pub(crate) mod hello;
pub(crate) mod process;
mod token;

use super::evently::Place;
use super::{Design, Failure, Request, Sale};
use crate::args::{Framework, StoreKind};
use crate::servers::Servers;
use connection::{Answer, Connection};
use process::Process;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use token::Tokens;

/// A server that is asked to book.
pub(crate) struct Http {
    server: Process,
    address: SocketAddr,
    tokens: Tokens,
    /// What is booked; nothing where the server only says hello.
    events: Vec<String>,
    idle: Mutex<Vec<Connection>>,
    /// Where its bookings are; gone with the design.
    _place: Place,
}

impl Http {
    /// The adapter's binary over this store, with so many events.
    pub(crate) async fn evently(
        framework: Framework,
        store: StoreKind,
        servers: &Servers,
        events: usize,
    ) -> Result<Self, Failure> {
        let place = Place::make(store, servers).await?;
        let tokens = Tokens::new();
        let address = process::free_address();
        let server = Process::start(&binary(framework)?, &["serve"], |command| {
            command
                .env("EVENTLY_LISTEN", address.to_string())
                .env("EVENTLY_STORE", place.url())
                .env("EVENTLY_JWT_SECRET", tokens.secret());
        })?;
        let mut http = Self {
            server,
            address,
            tokens,
            events: Vec::new(),
            idle: Mutex::default(),
            _place: place,
        };
        let mut connection = http.server.connect(address).await?;
        for number in 0..events {
            let event = http.create_event(&mut connection, number).await?;
            http.events.push(event);
        }
        Ok(http)
    }

    /// A server that says hello to whom it knows.
    pub(crate) async fn hello(framework: Framework) -> Result<Self, Failure> {
        let tokens = Tokens::new();
        let address = process::free_address();
        let arguments = ["hello", framework.as_str(), &address.to_string()];
        let server = Process::start(&std::env::current_exe()?, &arguments, |command| {
            command.env(hello::SECRET, tokens.secret());
        })?;
        server.connect(address).await?;
        Ok(Self {
            server,
            address,
            tokens,
            events: Vec::new(),
            idle: Mutex::default(),
            _place: Place::Memory,
        })
    }

    async fn create_event(&self, connection: &mut Connection, number: usize) -> Result<String, Failure> {
        let now = jiff::Timestamp::from_second(self.tokens.now())?;
        let body = serde_json::json!({
            "name": format!("Event {number}"),
            "venue": "Hall",
            "starts_at": now + jiff::SignedDuration::from_hours(24),
            "ends_at": now + jiff::SignedDuration::from_hours(26),
            "capacity": 10_000_000,
        });
        let admin = self.tokens.admin();
        let answer = connection
            .ask("POST", "/api/admin/events", &admin, "", &body.to_string())
            .await?;
        let event: serde_json::Value = serde_json::from_slice(&answer.body)?;
        let id = event.get("id").and_then(|id| id.as_str());
        Ok(id.ok_or("the event was not created")?.to_owned())
    }

    async fn ask(&self, turn: usize, request: &Request) -> Result<Answer, Failure> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => Connection::open(self.address).await?,
        };
        let token = self.tokens.user(turn);
        let answer = match self.events.get(turn % self.events.len().max(1)) {
            Some(event) => {
                let path = format!("/api/events/{event}/book");
                connection
                    .ask("POST", &path, token, &request.key, BOOKING)
                    .await?
            }
            None => {
                connection
                    .ask("POST", "/hello", token, &request.key, BOOKING)
                    .await?
            }
        };
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
        Ok(answer)
    }
}

/// The body of every request.
const BOOKING: &str = r#"{"quantity":1}"#;

/// The adapter's binary, which stands beside this one.
pub(crate) fn binary(framework: Framework) -> Result<PathBuf, Failure> {
    let name = format!("evently-{}", framework.as_str());
    let path = std::env::current_exe()?.with_file_name(&name);
    if path.exists() {
        return Ok(path);
    }
    Err(format!("there is no {}: cargo build --release -p {name}", path.display()).into())
}

#[async_trait::async_trait]
impl Design for Http {
    async fn book(&self, turn: usize, request: Request) -> Sale {
        match self.ask(turn, &request).await {
            Ok(answer) if answer.status == 201 => Sale::Booked,
            Ok(answer) if answer.status == 409 => Sale::SoldOut,
            Ok(answer) => panic!("a booking failed: {}", String::from_utf8_lossy(&answer.body)),
            Err(error) => panic!("a booking failed: {error}"),
        }
    }

    fn servers(&self) -> Vec<u32> {
        vec![self.server.id()]
    }

    async fn close(&self) -> Result<u64, Failure> {
        let mut connection = Connection::open(self.address).await?;
        if self.events.is_empty() {
            let answer = connection.ask("GET", "/hello", "", "", "").await?;
            return Ok(std::str::from_utf8(&answer.body)?.parse()?);
        }
        let mut sold = 0;
        for event in &self.events {
            let path = format!("/api/events/{event}/availability");
            let answer = connection.ask("GET", &path, "", "", "").await?;
            let availability: serde_json::Value = serde_json::from_slice(&answer.body)?;
            sold += availability
                .get("sold")
                .and_then(|sold| sold.as_u64())
                .ok_or("no availability")?;
        }
        Ok(sold)
    }
}

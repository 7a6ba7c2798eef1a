//! One script a booking, all callers on one connection.

use super::super::{Design, Failure, Request, Sale};
use super::{Events, Keys};
use redis::Script;

/// Checks and writes.
const BOOK: &str = include_str!("lua/book.lua");

pub(crate) struct Conditional {
    events: Events,
    book: Script,
}

impl Conditional {
    pub(crate) async fn start(client: &redis::Client, events: usize) -> Result<Self, Failure> {
        Ok(Self {
            events: Events::make(client, events).await?,
            book: Script::new(BOOK),
        })
    }
}

#[async_trait::async_trait]
impl Design for Conditional {
    async fn book(&self, turn: usize, request: Request) -> Sale {
        let event = self.events.id(turn);
        let mut connection = self.events.connection.clone();
        let answer: redis::RedisResult<i64> = self
            .book
            .key(Keys::left(event))
            .key(Keys::booking(event, request.booking))
            .key(Keys::used(event, &request))
            .arg(1)
            .arg(request.user.as_bytes().as_slice())
            .arg(request.key.as_str())
            .invoke_async(&mut connection)
            .await;
        match answer {
            Ok(-1) => Sale::SoldOut,
            Ok(_) => Sale::Booked,
            Err(error) => panic!("a booking failed: {error}"),
        }
    }

    async fn close(&self) -> Result<u64, Failure> {
        self.events.close().await
    }
}

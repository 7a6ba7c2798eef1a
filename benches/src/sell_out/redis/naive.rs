//! What one writes first: look, then write in a transaction that is dropped if what was looked at has changed, and
//! all over again. Each booking under way has a connection of its own, since what is watched belongs to it.

use super::super::{Design, Failure, Request, Sale};
use super::{Events, Keys};
use crate::servers::connect;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, RedisResult};
use std::sync::{Mutex, PoisonError};

pub(crate) struct Naive {
    events: Events,
    client: redis::Client,
    idle: Mutex<Vec<MultiplexedConnection>>,
}

impl Naive {
    pub(crate) async fn start(client: &redis::Client, events: usize) -> Result<Self, Failure> {
        Ok(Self {
            events: Events::make(client, events).await?,
            client: client.clone(),
            idle: Mutex::default(),
        })
    }

    async fn transaction(&self, turn: usize, request: &Request) -> RedisResult<Sale> {
        let event = self.events.id(turn);
        let (left, used) = (Keys::left(event), Keys::used(event, request));
        let booking = Keys::booking(event, request.booking);
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => connect(&self.client).await?,
        };
        let sale = loop {
            redis::cmd("WATCH")
                .arg(&left)
                .arg(&used)
                .exec_async(&mut connection)
                .await?;
            let tickets: u32 = connection.get(&left).await?;
            let is_used: bool = connection.exists(&used).await?;
            if is_used || tickets < 1 {
                redis::cmd("UNWATCH").exec_async(&mut connection).await?;
                break if is_used { Sale::Booked } else { Sale::SoldOut };
            }
            let fields = [
                ("user", request.user.simple().to_string()),
                ("quantity", "1".to_owned()),
                ("status", "confirmed".to_owned()),
                ("created_at", request.key.clone()),
            ];
            let mut transaction = redis::pipe();
            transaction.atomic().decr(&left, 1).ignore();
            transaction.hset_multiple(&booking, &fields).ignore();
            transaction.set(&used, &booking).ignore();
            let done: Option<()> = transaction.query_async(&mut connection).await?;
            if done.is_some() {
                break Sale::Booked;
            }
        };
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
        Ok(sale)
    }
}

#[async_trait::async_trait]
impl Design for Naive {
    async fn book(&self, turn: usize, request: Request) -> Sale {
        let sale = self.transaction(turn, &request).await;
        sale.unwrap_or_else(|error| panic!("a booking failed: {error}"))
    }

    async fn close(&self) -> Result<u64, Failure> {
        self.events.close().await
    }
}

//! What stands beside Evently on Redis: the optimistic transaction that one writes first, a script that checks and
//! writes, and (the limit) one that writes a booking's rows and indexes, as fast as `redis-benchmark` can send it.

mod conditional;
mod keys;
mod limit;
mod naive;

pub(crate) use conditional::Conditional;
pub(crate) use limit::limit;
pub(crate) use naive::Naive;

use super::{Failure, Hall, Request};
use crate::servers::connect;
use keys::Keys;
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use uuid::Uuid;

/// The events of one design on a server that was empty.
struct Events {
    ids: Vec<Uuid>,
    connection: MultiplexedConnection,
}

impl Events {
    async fn make(client: &redis::Client, events: usize) -> Result<Self, Failure> {
        let mut connection = connect(client).await?;
        let ids: Vec<Uuid> = (0..events).map(|_| Request::new().booking).collect();
        for id in &ids {
            let () = connection.set(Keys::left(*id), Hall::Places.capacity()).await?;
        }
        Ok(Self { ids, connection })
    }

    fn id(&self, turn: usize) -> Uuid {
        self.ids[turn % self.ids.len()]
    }

    /// How many bookings the script of the limit wrote; fails if the counter says otherwise.
    async fn close_rows(&self) -> Result<u64, Failure> {
        let mut connection = self.connection.clone();
        let [left, bookings, ..] = Keys::of_rows(self.id(0), "");
        let left: u64 = connection.get(left).await?;
        let stored: u64 = connection.hlen(bookings).await?;
        let counted = u64::from(Hall::Places.capacity()) - left;
        if stored != counted {
            return Err(format!("{stored} bookings stored, {counted} counted").into());
        }
        Ok(stored)
    }

    /// How many bookings there are; fails if the counters say otherwise. Every booking is two keys: itself and its
    /// caller's.
    async fn close(&self) -> Result<u64, Failure> {
        let mut connection = self.connection.clone();
        let mut counted = 0;
        for id in &self.ids {
            let left: u64 = connection.get(Keys::left(*id)).await?;
            counted += u64::from(Hall::Places.capacity()) - left;
        }
        let keys: u64 = redis::cmd("DBSIZE").query_async(&mut connection).await?;
        let stored = (keys - self.ids.len() as u64) / 2;
        if stored != counted {
            return Err(format!("{stored} bookings stored, {counted} counted").into());
        }
        Ok(stored)
    }
}

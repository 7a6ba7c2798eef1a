//! What stands beside Evently in memory: a lock around everything, and the bare cost of keeping a row.

use super::{Design, Failure, Request, Sale};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// A booking as these designs keep it: user, tickets, key.
type Row = (Uuid, u32, String);

/// What one writes first: one asynchronous lock, under it every check and the insert.
pub(crate) struct Naive {
    events: tokio::sync::Mutex<Vec<NaiveEvent>>,
}

struct NaiveEvent {
    left: u32,
    keys: HashMap<(Uuid, String), Uuid>,
    totals: HashMap<Uuid, u32>,
    rows: HashMap<Uuid, Row>,
}

impl Naive {
    pub(crate) fn new(events: usize) -> Self {
        let event = || NaiveEvent {
            left: 10_000_000,
            keys: HashMap::new(),
            totals: HashMap::new(),
            rows: HashMap::new(),
        };
        Self {
            events: tokio::sync::Mutex::new((0..events).map(|_| event()).collect()),
        }
    }
}

#[async_trait::async_trait]
impl Design for Naive {
    async fn book(&self, turn: usize, Request { booking, user, key }: Request) -> Sale {
        let mut events = self.events.lock().await;
        let count = events.len();
        let event = &mut events[turn % count];
        let scope = (user, key);
        if event.keys.contains_key(&scope) || event.left == 0 {
            return Sale::SoldOut;
        }
        *event.totals.entry(user).or_default() += 1;
        event.left -= 1;
        event.rows.insert(booking, (user, 1, scope.1.clone()));
        event.keys.insert(scope, booking);
        Sale::Booked
    }

    async fn close(&self) -> Result<u64, Failure> {
        Ok(self
            .events
            .lock()
            .await
            .iter()
            .map(|event| event.rows.len() as u64)
            .sum())
    }
}

/// A counter and a map behind a mutex for each event: the least that keeping a booking costs.
pub(crate) struct Limit {
    events: Vec<Mutex<(u32, HashMap<Uuid, Row>)>>,
}

impl Limit {
    pub(crate) fn new(events: usize) -> Self {
        Self {
            events: (0..events)
                .map(|_| Mutex::new((10_000_000, HashMap::new())))
                .collect(),
        }
    }
}

#[async_trait::async_trait]
impl Design for Limit {
    async fn book(&self, turn: usize, Request { booking, user, key }: Request) -> Sale {
        let event = &self.events[turn % self.events.len()];
        let mut event = event.lock().unwrap_or_else(PoisonError::into_inner);
        event.0 -= 1;
        event.1.insert(booking, (user, 1, key));
        Sale::Booked
    }

    async fn close(&self) -> Result<u64, Failure> {
        let rows = |event: &Mutex<(u32, HashMap<Uuid, Row>)>| {
            event.lock().unwrap_or_else(PoisonError::into_inner).1.len() as u64
        };
        Ok(self.events.iter().map(rows).sum())
    }
}

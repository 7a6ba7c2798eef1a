//! One statement a booking: the counter decides, the unique index guards the key.

use super::super::{Design, Failure, Request, Sale};
use super::{Tables, bound};

const BOOK_IF_LEFT: &str = include_str!("book_if_left.sql");

pub(crate) struct Conditional {
    tables: Tables,
}

impl Conditional {
    pub(crate) fn new(tables: Tables) -> Self {
        Self { tables }
    }
}

#[async_trait::async_trait]
impl Design for Conditional {
    async fn book(&self, turn: usize, request: Request) -> Sale {
        let statement = bound(BOOK_IF_LEFT, self.tables.event(turn), &request, 1);
        match statement.execute(&self.tables.pool).await {
            Ok(done) if done.rows_affected() == 1 => Sale::Booked,
            Ok(_) => Sale::SoldOut,
            Err(error) => panic!("a booking failed: {error}"),
        }
    }

    async fn close(&self) -> Result<u64, Failure> {
        self.tables.close().await
    }
}

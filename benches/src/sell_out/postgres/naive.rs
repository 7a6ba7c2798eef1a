//! What one writes first: one transaction a booking. It locks the event's counter, looks everything up, writes.

use super::super::{Design, Failure, Hall, Request, Sale};
use super::{INSERT_BOOKING, Tables, bound};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

const KEY_LOOKUP: &str = include_str!("key_lookup.sql");
const LOCK_COUNTER: &str = include_str!("lock_counter.sql");
const USER_TOTAL: &str = include_str!("user_total.sql");
const FREE_PAIR: &str = include_str!("free_pair.sql");
const TAKE_PAIR: &str = include_str!("take_pair.sql");
const TAKE: &str = include_str!("take.sql");

pub(crate) struct Naive {
    tables: Tables,
    hall: Hall,
}

impl Naive {
    pub(crate) fn new(tables: Tables, hall: Hall) -> Self {
        Self { tables, hall }
    }

    async fn transaction(&self, event: Uuid, request: &Request) -> sqlx::Result<Sale> {
        let mut transaction = self.tables.pool.begin().await?;
        let sale = self.book_in(&mut transaction, event, request).await?;
        transaction.commit().await?;
        Ok(sale)
    }

    async fn book_in(&self, sql: &mut PgConnection, event: Uuid, request: &Request) -> sqlx::Result<Sale> {
        let quantity = self.hall.party();
        let used = sqlx::query(KEY_LOOKUP)
            .bind(request.user)
            .bind(event)
            .bind(&request.key);
        if used.fetch_optional(&mut *sql).await?.is_some() {
            return Ok(Sale::Booked);
        }
        let left: i32 = sqlx::query_scalar(LOCK_COUNTER)
            .bind(event)
            .fetch_one(&mut *sql)
            .await?;
        let total = sqlx::query_scalar(USER_TOTAL).bind(request.user).bind(event);
        let _no_limit: i64 = total.fetch_one(&mut *sql).await?;
        if left < quantity {
            return Ok(Sale::SoldOut);
        }
        if let Hall::Seats { .. } = self.hall {
            let pair = sqlx::query(FREE_PAIR)
                .bind(event)
                .fetch_optional(&mut *sql)
                .await?;
            let Some(pair) = pair else {
                return Ok(Sale::SoldOut);
            };
            let (row, place): (i32, i32) = (pair.try_get(0)?, pair.try_get(1)?);
            let take = sqlx::query(TAKE_PAIR).bind(event).bind(row).bind(place);
            take.bind(request.booking).execute(&mut *sql).await?;
        }
        bound(INSERT_BOOKING, event, request, quantity)
            .execute(&mut *sql)
            .await?;
        sqlx::query(TAKE)
            .bind(event)
            .bind(quantity)
            .execute(&mut *sql)
            .await?;
        Ok(Sale::Booked)
    }
}

#[async_trait::async_trait]
impl Design for Naive {
    async fn book(&self, turn: usize, request: Request) -> Sale {
        let sale = self.transaction(self.tables.event(turn), &request).await;
        sale.unwrap_or_else(|error| panic!("a booking failed: {error}"))
    }

    async fn close(&self) -> Result<u64, Failure> {
        self.tables.close().await
    }
}

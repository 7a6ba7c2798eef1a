//! What stands beside Evently on PostgreSQL: transactions with more or less to check, and (the limit) set-based
//! inserts of the same rows. Bookings go into Evently's own table; counters and seats into tables of their own.

mod conditional;
mod limit;
mod naive;

pub(crate) use conditional::Conditional;
pub(crate) use limit::Limit;
pub(crate) use naive::Naive;

use super::{Failure, Hall, Request};
use evently_testing::postgres::Database;
use sqlx::postgres::{PgArguments, PgPoolOptions};
use sqlx::query::Query;
use sqlx::{PgPool, Postgres};
use uuid::Uuid;

const TABLES: &str = include_str!("tables.sql");
const ADD_EVENT: &str = include_str!("add_event.sql");
const ADD_SEATS: &str = include_str!("add_seats.sql");
const INSERT_BOOKING: &str = include_str!("insert_booking.sql");
const COUNTS: &str = include_str!("counts.sql");

/// The events of one design in a database of their own.
pub(crate) struct Tables {
    pool: PgPool,
    events: Vec<Uuid>,
    /// Dropped with this.
    _database: Database,
}

impl Tables {
    /// Evently's tables and the bench's, with so many events.
    pub(crate) async fn make(
        database: Database,
        events: usize,
        hall: Hall,
        connections: u32,
    ) -> Result<Self, Failure> {
        evently_pg::migrate(database.url()).await?;
        let pool = PgPoolOptions::new()
            .min_connections(connections)
            .max_connections(connections)
            .test_before_acquire(false)
            .connect(database.url())
            .await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        let events: Vec<Uuid> = (0..events).map(|_| Request::new().booking).collect();
        for event in &events {
            let capacity = i32::try_from(hall.capacity())?;
            sqlx::query(ADD_EVENT)
                .bind(event)
                .bind(capacity)
                .execute(&pool)
                .await?;
            if let Hall::Seats { rows, seats } = hall {
                let (rows, seats) = (i32::try_from(rows)?, i32::try_from(seats)?);
                sqlx::query(ADD_SEATS)
                    .bind(event)
                    .bind(rows)
                    .bind(seats)
                    .execute(&pool)
                    .await?;
            }
        }
        Ok(Self {
            pool,
            events,
            _database: database,
        })
    }

    fn event(&self, turn: usize) -> Uuid {
        self.events[turn % self.events.len()]
    }

    /// How many bookings there are.
    async fn rows(&self) -> Result<u64, Failure> {
        let (bookings, ..): (i64, i64, i64, i64) = sqlx::query_as(COUNTS).fetch_one(&self.pool).await?;
        self.pool.close().await;
        Ok(u64::try_from(bookings)?)
    }

    /// How many bookings there are; fails if the counters say otherwise.
    async fn close(&self) -> Result<u64, Failure> {
        let (bookings, tickets, counted, oversold): (i64, i64, i64, i64) =
            sqlx::query_as(COUNTS).fetch_one(&self.pool).await?;
        self.pool.close().await;
        if tickets != counted || oversold > 0 {
            return Err(
                format!("{tickets} tickets stored, {counted} counted, {oversold} events oversold").into(),
            );
        }
        Ok(u64::try_from(bookings)?)
    }
}

/// A statement on one booking: its parameters are the booking, the event, the user, the key and the quantity.
fn bound<'q>(
    statement: &'static str,
    event: Uuid,
    request: &'q Request,
    quantity: i32,
) -> Query<'q, Postgres, PgArguments> {
    let query = sqlx::query(statement).bind(request.booking).bind(event);
    query.bind(request.user).bind(&request.key).bind(quantity)
}

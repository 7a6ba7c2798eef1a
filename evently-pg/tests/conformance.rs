//! The suite that every backend runs, over one database a case.

#![expect(clippy::expect_used, reason = "a case ends where its own set-up fails")]

use async_trait::async_trait;
use evently_core::conformance::Harness;
use evently_core::store::Store;
use evently_pg::{PgOptions, PgStore};
use evently_testing::postgres::Database;
use std::sync::Arc;

/// A database that is gone when its case is over.
#[derive(Debug)]
struct OneDatabase(Database);

#[async_trait]
impl Harness for OneDatabase {
    async fn open(&self) -> Arc<dyn Store> {
        let store = PgStore::open(self.0.url(), PgOptions::default()).await;
        Arc::new(store.expect("a database that opens"))
    }
}

async fn one_database() -> OneDatabase {
    OneDatabase(Database::create().await)
}

evently_core::conformance_suite!(open = one_database, durable);

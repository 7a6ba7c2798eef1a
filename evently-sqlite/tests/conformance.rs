//! The suite that every backend runs, over one file a case.

#![expect(clippy::expect_used, reason = "a case ends where its own set-up fails")]

use async_trait::async_trait;
use evently_core::conformance::Harness;
use evently_core::store::Store;
use evently_sqlite::{SqliteOptions, SqliteStore};
use std::sync::Arc;
use tempfile::TempDir;

/// A file that is gone when its case is over.
#[derive(Debug)]
struct OneFile(TempDir);

#[async_trait]
impl Harness for OneFile {
    async fn open(&self) -> Arc<dyn Store> {
        let store = SqliteStore::open(self.0.path().join("evently.db"), SqliteOptions::default());
        Arc::new(store.expect("a file that opens"))
    }
}

async fn one_file() -> OneFile {
    OneFile(TempDir::new().expect("a folder"))
}

evently_core::conformance_suite!(open = one_file, durable);

//! What can be wrong with a database, and how it is said.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use evently_core::store::{Durability, EventStore, Store};
use evently_pg::{OpenError, PgOptions, PgStore, Schema, migrate};
use evently_testing::postgres::Database;
use sqlx::{Connection, Executor, PgConnection};

async fn open(database: &Database, schema: Schema) -> Result<PgStore, OpenError> {
    let options = PgOptions {
        schema,
        ..PgOptions::default()
    };
    PgStore::open(database.url(), options).await
}

async fn run(database: &Database, sql: &'static str) {
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    connection.execute(sqlx::raw_sql(sql)).await.unwrap();
}

#[tokio::test]
async fn a_new_database_is_migrated_once() {
    let database = Database::create().await;
    let made = migrate(database.url()).await.unwrap();
    assert_eq!(made.from, 0);
    let again = migrate(database.url()).await.unwrap();
    assert_eq!((again.from, again.to), (made.to, made.to));
    open(&database, Schema::Require)
        .await
        .unwrap()
        .ping()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_schema_that_somebody_else_made_empty_is_used() {
    let database = Database::create().await;
    run(&database, "CREATE SCHEMA evently").await;
    open(&database, Schema::Migrate)
        .await
        .unwrap()
        .ping()
        .await
        .unwrap();
}

#[tokio::test]
async fn many_may_migrate_the_same_database_at_once() {
    let database = Database::create().await;
    let opened = futures::future::join_all((0..8).map(|_| open(&database, Schema::Migrate))).await;
    assert_eq!(
        opened.into_iter().collect::<Result<Vec<_>, _>>().unwrap().len(),
        8
    );
}

#[tokio::test]
async fn without_migrating_a_new_database_is_refused_and_left_alone() {
    let database = Database::create().await;
    for _ in 0..2 {
        let refused = open(&database, Schema::Require).await.unwrap_err();
        assert!(
            matches!(refused, OpenError::Outdated { found: 0, .. }),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused() {
    let database = Database::create().await;
    let known = migrate(database.url()).await.unwrap().to;
    run(
        &database,
        "INSERT INTO evently.migration VALUES (999, 'future', '')",
    )
    .await;
    let refused = open(&database, Schema::Migrate).await.unwrap_err();
    let what = format!("its schema is version 999, newer than version {known} that this program knows");
    assert_eq!(refused.to_string(), what);
}

#[tokio::test]
async fn a_migration_that_differs_from_what_was_applied_is_refused() {
    let database = Database::create().await;
    migrate(database.url()).await.unwrap();
    run(
        &database,
        "UPDATE evently.migration SET checksum = 'other' WHERE version = 1",
    )
    .await;
    let refused = open(&database, Schema::Migrate).await.unwrap_err();
    assert!(matches!(refused, OpenError::Altered { version: 1 }), "{refused}");
}

#[tokio::test]
async fn another_programs_schema_is_refused_and_left_alone() {
    let database = Database::create().await;
    run(
        &database,
        "CREATE SCHEMA evently; CREATE TABLE evently.song (title text)",
    )
    .await;
    let refused = open(&database, Schema::Migrate).await.unwrap_err();
    assert!(matches!(refused, OpenError::Foreign), "{refused}");
    run(&database, "SELECT title FROM evently.song").await;
}

#[tokio::test]
async fn what_is_no_url_is_refused_without_being_repeated() {
    for url in [
        "hunter2",
        "mysql://u:hunter2@localhost/x",
        "postgres://u:hunter2@host:port/x",
    ] {
        let refused = PgStore::open(url, PgOptions::default()).await.unwrap_err();
        assert!(matches!(refused, OpenError::Url), "{refused}");
        assert!(!refused.to_string().contains("hunter2"), "{refused}");
    }
}

#[tokio::test]
async fn where_nobody_listens_it_is_said_soon_and_without_the_password() {
    let url = "postgres://u:hunter2@127.0.0.1:1/x";
    let refused = PgStore::open(url, PgOptions::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.starts_with("postgres: ") && !refused.contains("hunter2"),
        "{refused}"
    );
}

#[tokio::test]
async fn how_durable_it_is_is_read_off_the_server() {
    let database = Database::create().await;
    run(
        &database,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$",
    )
    .await;
    let late = open(&database, Schema::Migrate).await.unwrap();
    assert_ne!(late.durability(), Durability::Durable);
}

#[tokio::test]
async fn a_closed_store_answers_no_more() {
    let database = Database::create().await;
    let store = open(&database, Schema::Migrate).await.unwrap();
    store.close().await;
    let refused = store.ping().await.unwrap_err();
    assert!(!refused.is_transient());
    assert_eq!(refused.to_string(), "postgres: the store is closed");
    assert!(store.event_ids(None, 1).await.is_err());
}

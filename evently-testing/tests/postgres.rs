//! The test servers themselves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use evently_testing::postgres::{Database, Server, Settings};
use sqlx::{Connection, PgConnection};

async fn connect(url: &str) -> Result<PgConnection, sqlx::Error> {
    PgConnection::connect(url).await
}

async fn count(connection: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn each_database_is_empty_and_gone_afterwards() {
    let (one, other) = (Database::create().await, Database::create().await);
    assert_ne!(one.url(), other.url());
    let mut connection = connect(one.url()).await.unwrap();
    let tables =
        "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    assert_eq!(count(&mut connection, tables).await, 0);
    let url = one.url().to_owned();
    drop(one);
    assert!(connect(&url).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_ones_own_keeps_what_it_committed_through_a_kill() {
    let mut server = Server::start(Settings::durable());
    let mut connection = connect(&server.url()).await.unwrap();
    sqlx::raw_sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
        .execute(&mut connection)
        .await
        .unwrap();
    server.kill();
    assert!(connect(&server.url()).await.is_err());
    server.start_again();
    let mut connection = connect(&server.url()).await.unwrap();
    assert_eq!(count(&mut connection, "SELECT count(*) FROM kept").await, 1);
    server.stop_immediately();
    server.start_again();
    assert!(connect(&server.url()).await.is_ok());
}

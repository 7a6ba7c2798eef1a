//! What can be wrong with a file, and how it is said.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use evently_core::store::{EventStore, Store};
use evently_sqlite::{OpenError, Schema, SqliteOptions, SqliteStore, migrate};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Barrier;
use tempfile::TempDir;

fn folder() -> TempDir {
    TempDir::new().unwrap()
}

fn refusal(path: &Path) -> OpenError {
    SqliteStore::open(path, SqliteOptions::default()).unwrap_err()
}

/// One line, with the path and what is wrong.
fn assert_says(refusal: &OpenError, path: &Path, what: &str) {
    assert_eq!(refusal.to_string(), format!("{}: {what}", path.display()));
}

fn require() -> SqliteOptions {
    SqliteOptions {
        schema: Schema::Require,
        ..SqliteOptions::default()
    }
}

#[tokio::test]
async fn a_new_file_is_made_and_migrated_once() {
    let folder = folder();
    let path = folder.path().join("evently.db");
    let made = migrate(&path).unwrap();
    assert_eq!(made.from, 0);
    let again = migrate(&path).unwrap();
    assert_eq!((again.from, again.to), (made.to, made.to));
    let store = SqliteStore::open(&path, require()).unwrap();
    store.ping().await.unwrap();
}

#[test]
fn a_directory_is_no_file() {
    let folder = folder();
    assert_says(&refusal(folder.path()), folder.path(), "it is a directory");
}

#[test]
fn a_file_in_no_folder_cannot_be_made() {
    let folder = folder();
    let path = folder.path().join("missing").join("evently.db");
    assert_says(&refusal(&path), &path, "its folder does not exist");
}

#[test]
fn a_file_of_something_else_is_refused_and_left_alone() {
    let folder = folder();
    let path = folder.path().join("letter.txt");
    let letter = "Dear Ada, this is a letter and no database.\n".repeat(100);
    std::fs::write(&path, &letter).unwrap();
    assert_says(&refusal(&path), &path, "it is not an SQLite database");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let folder = folder();
    let path = folder.path().join("songs.db");
    let songs = Connection::open(&path).unwrap();
    songs.execute_batch("CREATE TABLE song (title TEXT)").unwrap();
    assert_says(&refusal(&path), &path, "it holds the data of another program");
    let tables: u32 = songs
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn a_schema_from_the_future_is_refused() {
    let folder = folder();
    let path = folder.path().join("evently.db");
    let known = migrate(&path).unwrap().to;
    let future = "INSERT INTO evently_migration VALUES (999, 'future', '')";
    Connection::open(&path).unwrap().execute(future, []).unwrap();
    let what = format!("its schema is version 999, newer than version {known} that this program knows");
    assert_says(&refusal(&path), &path, &what);
}

#[test]
fn without_migrating_a_missing_file_stays_missing() {
    let folder = folder();
    let path = folder.path().join("evently.db");
    let refusal = SqliteStore::open(&path, require()).unwrap_err();
    assert_says(&refusal, &path, "there is no such file");
    assert!(!path.exists());
}

#[test]
fn without_migrating_an_empty_file_is_refused() {
    let folder = folder();
    let path = folder.path().join("evently.db");
    std::fs::write(&path, "").unwrap();
    let refusal = SqliteStore::open(&path, require()).unwrap_err();
    assert!(
        matches!(refusal, OpenError::Outdated { found: 0, .. }),
        "{refusal}"
    );
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
}

#[test]
fn many_may_make_the_same_file_at_once() {
    for round in 0..20 {
        let folder = folder();
        let path = folder.path().join("evently.db");
        let start = Barrier::new(8);
        let made = std::thread::scope(|scope| {
            let open = || {
                start.wait();
                SqliteStore::open(&path, SqliteOptions::default()).map(drop)
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            let opened = threads.into_iter().map(|thread| thread.join().unwrap());
            opened.collect::<Result<Vec<()>, OpenError>>()
        });
        assert!(made.is_ok(), "round {round}: {made:?}");
    }
}

#[tokio::test]
async fn a_closed_store_answers_no_more_and_leaves_one_file() {
    let folder = folder();
    let path = folder.path().join("evently.db");
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    store.close().await;
    let refused = store.ping().await.unwrap_err();
    assert!(!refused.is_transient());
    assert_eq!(refused.to_string(), "sqlite: the store is closed");
    assert!(store.event_ids(None, 1).await.is_err());
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

//! The statements, one a file. Each file says what its statement is for, what its parameters are, what it locks and
//! which index it relies on; a test prepares them all against a migrated database.

macro_rules! statements {
    ($($name:ident = $file:literal,)*) => {
        $(pub(crate) const $name: &str = include_str!(concat!("../sql/", $file, ".sql"));)*
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$(($file, $name),)*];
    };
}

statements! {
    ACCOUNT = "account",
    ACCOUNT_BY_EMAIL = "account_by_email",
    ANNOUNCE = "announce",
    AUDIT = "audit",
    BOOKING = "booking",
    BOOKINGS_OF_EVENT = "bookings_of_event",
    BOOKINGS_OF_USER = "bookings_of_user",
    COMMIT = "commit",
    COMMIT_SALES = "commit_sales",
    CREATE_ACCOUNT = "create_account",
    DUE_EVENTS = "due_events",
    END_SESSION = "end_session",
    ENTRIES_OF_EVENT = "entries_of_event",
    ENTRIES_OF_USER = "entries_of_user",
    ENTRY = "entry",
    EVENT_IDS = "event_ids",
    EVENTS_BY_CREATION_DESCENDING = "events_by_creation_descending",
    EVENTS_BY_NAME = "events_by_name",
    EVENTS_BY_START = "events_by_start",
    EVENTS_BY_START_DESCENDING = "events_by_start_descending",
    FIGURES = "figures",
    FORGET_SESSIONS = "forget_sessions",
    INVENTORY_VERSION = "inventory_version",
    LISTING_WITH_SEATS = "listing_with_seats",
    LISTINGS = "listings",
    LOAD = "load",
    OVERVIEW = "overview",
    PING = "ping",
    POPULAR = "popular",
    PUT_SESSION = "put_session",
    ROTATE_SESSION = "rotate_session",
    SALES = "sales",
    SETTINGS = "settings",
    UPDATE_ACCOUNT = "update_account",
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::{PgOptions, PgStore};
    use evently_testing::postgres::Database;
    use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
    use std::collections::BTreeSet;
    use std::path::Path;

    /// What writes what belongs to an event.
    const WRITES: [&str; 2] = ["commit", "commit_sales"];

    async fn migrated() -> (Database, PgConnection) {
        let database = Database::create().await;
        PgStore::open(database.url(), PgOptions::default()).await.unwrap();
        let connection = PgConnection::connect(database.url()).await.unwrap();
        (database, connection)
    }

    fn body(sql: &str) -> String {
        let lines = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
        lines.map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn every_file_is_a_statement_here() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        let known: BTreeSet<String> = ALL.iter().map(|(file, _)| format!("{file}.sql")).collect();
        assert_eq!(files, known);
    }

    #[tokio::test]
    async fn every_statement_prepares_and_is_alone_in_its_file() {
        let (_database, mut connection) = migrated().await;
        for (file, sql) in ALL {
            assert!(sql.starts_with("-- "), "{file}.sql has no header");
            assert!(
                sql.contains("-- Relies on: "),
                "{file}.sql does not say what it relies on"
            );
            assert!(!body(sql).contains(';'), "{file}.sql");
            let prepared = format!("PREPARE {file} AS {}", body(sql));
            let prepared = connection.execute(sqlx::raw_sql(AssertSqlSafe(prepared))).await;
            prepared.unwrap_or_else(|error| panic!("{file}.sql: {error}"));
        }
    }

    /// On tables so small that scanning them would be cheapest: that is when a plan is made that stays.
    #[tokio::test]
    async fn no_plan_scans_a_table() {
        let (_database, mut connection) = migrated().await;
        let settings = "SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan";
        connection.execute(settings).await.unwrap();
        for (file, sql) in ALL {
            let parameters = (1..)
                .take_while(|number| sql.contains(&format!("${number}")))
                .count();
            let nulls = vec!["NULL"; parameters].join(", ");
            let nulls = if parameters == 0 {
                String::new()
            } else {
                format!("({nulls})")
            };
            let prepare = format!("PREPARE {file} AS {}", body(sql));
            connection
                .execute(sqlx::raw_sql(AssertSqlSafe(prepare)))
                .await
                .unwrap();
            let explain = AssertSqlSafe(format!("EXPLAIN (COSTS OFF) EXECUTE {file} {nulls}"));
            let plan: Vec<String> = sqlx::query_scalar(explain)
                .fetch_all(&mut connection)
                .await
                .unwrap();
            let plan = plan.join("\n");
            assert!(!plan.contains("Seq Scan"), "{file}.sql scans:\n{plan}");
            for index in relied_on(sql) {
                // Other indexes may do as well on empty tables; those on the hot path may not be any other.
                let hot = WRITES.contains(file) && index.ends_with("_pkey");
                assert!(
                    !hot || plan.contains(index),
                    "{file}.sql does not use {index}:\n{plan}"
                );
            }
        }
    }

    fn relied_on(sql: &str) -> Vec<&str> {
        let (_, rest) = sql.split_once("-- Relies on: ").unwrap();
        let header = rest
            .lines()
            .enumerate()
            .take_while(|(place, line)| *place == 0 || line.starts_with("--"));
        let words = header.flat_map(|(_, line)| line.trim_start_matches("--").split(','));
        words.map(str::trim).filter(|word| !word.is_empty()).collect()
    }

    /// The tables can be distributed by event: whatever a commit inserts has an event, and whatever it updates,
    /// deletes or looks for it finds by its event, too.
    #[test]
    fn whatever_a_commit_writes_names_its_event() {
        for (file, sql) in ALL.iter().filter(|(file, _)| WRITES.contains(file)) {
            let body = body(sql);
            for verb in [
                "INSERT INTO evently.",
                "UPDATE evently.",
                "DELETE FROM evently.",
                "FROM evently.",
                "JOIN evently.",
            ] {
                for (_, part) in body.match_indices(verb).map(|(at, _)| body.split_at(at)) {
                    let end = part.find("\n), ").or(part.find("\n)\n")).unwrap_or(part.len());
                    assert!(part[..end].contains("event_id"), "{file}.sql: {}", &part[..end]);
                }
            }
        }
    }
}

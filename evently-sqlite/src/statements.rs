//! The statements, one a file. Each file says what its statement is for, what its parameters are and which index it
//! relies on; a test prepares them all and asks SQLite whether it uses that index.

macro_rules! statements {
    ($($name:ident = $file:literal,)*) => {
        $(pub(crate) const $name: &str = include_str!(concat!("../sql/", $file, ".sql"));)*
        #[cfg(test)]
        const ALL: &[(&str, &str)] = &[$(($file, $name),)*];
    };
}

statements! {
    ACCOUNT = "account",
    ACCOUNT_BY_EMAIL = "account_by_email",
    ACTIVE_ENTRY = "active_entry",
    ADD_SALES = "add_sales",
    ALL_BOOKINGS_OF_EVENT = "all_bookings_of_event",
    BOOKING = "booking",
    BOOKING_BY_KEY = "booking_by_key",
    BOOKING_IDS_OF_USER = "booking_ids_of_user",
    BOOKINGS_OF_EVENT = "bookings_of_event",
    CREATE_ACCOUNT = "create_account",
    CREATE_INVENTORY = "create_inventory",
    DEFINITION = "definition",
    DELETE_DEFINITION = "delete_definition",
    DELETE_INVENTORY = "delete_inventory",
    DELETE_SECTION_COUNTS = "delete_section_counts",
    DUE_EVENTS = "due_events",
    END_SESSION = "end_session",
    END_SESSIONS_OF_USER = "end_sessions_of_user",
    ENTRIES_OF_EVENT = "entries_of_event",
    ENTRIES_OF_USER = "entries_of_user",
    ENTRY = "entry",
    ENTRY_BY_KEY = "entry_by_key",
    EVENT_IDS = "event_ids",
    EVENT_IN_USE = "event_in_use",
    EVENTS_BY_CREATION_DESCENDING = "events_by_creation_descending",
    EVENTS_BY_NAME = "events_by_name",
    EVENTS_BY_START = "events_by_start",
    EVENTS_BY_START_DESCENDING = "events_by_start_descending",
    FIGURES = "figures",
    FORGET_SESSIONS = "forget_sessions",
    FREE_SEAT = "free_seat",
    HELD_BOOKINGS = "held_bookings",
    INSERT_BOOKING = "insert_booking",
    INSERT_ENTRY = "insert_entry",
    INSERT_SECTION_COUNT = "insert_section_count",
    INVENTORY = "inventory",
    KEY_IN_USE = "key_in_use",
    KEYED_ENTRIES_EXIST = "keyed_entries_exist",
    LIVE_BOOKINGS = "live_bookings",
    LIVE_BOOKINGS_OF_USER = "live_bookings_of_user",
    NOTE_DEFINITION = "note_definition",
    OVERVIEW = "overview",
    POPULAR = "popular",
    POSITION = "position",
    PUT_DEFINITION = "put_definition",
    PUT_SESSION = "put_session",
    REVENUE = "revenue",
    SALES = "sales",
    SECTION_COUNTS = "section_counts",
    SESSION = "session",
    TAKE_SEAT = "take_seat",
    TAKEN_SEATS = "taken_seats",
    UPDATE_ACCOUNT = "update_account",
    UPDATE_BOOKING = "update_booking",
    UPDATE_ENTRY = "update_entry",
    UPDATE_INVENTORY = "update_inventory",
    UPDATE_SECTION_COUNT = "update_section_count",
    WAITING_WINDOW = "waiting_window",
    WAL_CHECKPOINT = "wal_checkpoint",
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::query::KEPT_STATEMENTS;
    use crate::schema;
    use rusqlite::Connection;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn migrated() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        connection
    }

    /// What the header says that the statement relies on.
    fn relied_on(sql: &str) -> Vec<&str> {
        let line = sql.lines().find_map(|line| line.strip_prefix("-- Relies on: "));
        line.expect("a header that says what it relies on")
            .split(", ")
            .collect()
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
        assert!(ALL.len() < KEPT_STATEMENTS);
    }

    #[test]
    fn every_statement_prepares_and_is_alone_in_its_file() {
        let connection = migrated();
        for (file, sql) in ALL {
            assert!(sql.starts_with("-- "), "{file}.sql has no header");
            let statement = connection
                .prepare(sql)
                .unwrap_or_else(|error| panic!("{file}.sql: {error}"));
            let body = sql.lines().filter(|line| !line.starts_with("--"));
            assert!(!body.collect::<String>().contains(';'), "{file}.sql");
            drop(statement);
        }
    }

    #[test]
    fn every_read_uses_the_index_that_it_relies_on() {
        let connection = migrated();
        for (file, sql) in ALL {
            let body: String = sql.lines().filter(|line| !line.starts_with("--")).collect();
            if body.starts_with("INSERT") || body.starts_with("PRAGMA") {
                continue;
            }
            let plan = plan_of(&connection, sql);
            for index in relied_on(sql) {
                let used = match index.split_once("key of ") {
                    Some(("primary ", table)) => is_found_by_primary_key(&plan, table),
                    _ if index.starts_with("the unique") => plan.contains("sqlite_autoindex_"),
                    _ => plan.contains(&format!("INDEX {index} ")),
                };
                assert!(used, "{file}.sql does not use {index}:\n{plan}");
            }
            let plan = plan.replace("SCAN CONSTANT ROW", "");
            assert!(!plan.contains("SCAN"), "{file}.sql scans:\n{plan}");
            let says_so = sql.contains("-- Sorts ");
            assert_eq!(plan.contains("TEMP B-TREE"), says_so, "{file}.sql:\n{plan}");
        }
    }

    fn plan_of(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
        steps.map(|step| step.unwrap() + " \n").collect()
    }

    fn is_found_by_primary_key(plan: &str, table: &str) -> bool {
        let alias = &table[..1];
        [table, alias].into_iter().any(|name| {
            plan.contains(&format!("SEARCH {name} USING PRIMARY KEY"))
                || plan.contains(&format!("SEARCH {name} USING INDEX sqlite_autoindex_{table}"))
        })
    }
}

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

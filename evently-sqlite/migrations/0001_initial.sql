-- Everything of Evently in one file. Ids are UUIDs of 16 bytes, times are microseconds since 1970 (UTC), money is
-- minor units, words are those of the domain. A migration that has shipped never changes: add another one.

-- An event's definition. The JSON text is what counts; the columns beside it are what lists filter and sort by.
-- The definition comes last: it may be megabytes (seats), and a scan that stops before it never reads them.
CREATE TABLE event (
    event_id          BLOB PRIMARY KEY NOT NULL,
    status            TEXT NOT NULL,
    name              TEXT NOT NULL,
    currency          TEXT NOT NULL,
    starts_at         INTEGER NOT NULL,
    ends_at           INTEGER NOT NULL,
    sales_open_at     INTEGER,
    closes_at         INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    -- Lowercased by Rust's rules: SQLite's own lower() knows ASCII only.
    name_lower        TEXT NOT NULL,
    venue_lower       TEXT NOT NULL,
    description_lower TEXT NOT NULL,
    definition        TEXT NOT NULL
) STRICT;
-- The four orders of the catalogue; ties are by id ascending in all of them.
CREATE INDEX event_by_start ON event (starts_at, event_id);
CREATE INDEX event_by_start_descending ON event (starts_at DESC, event_id);
CREATE INDEX event_by_name ON event (name, event_id);
CREATE INDEX event_by_creation_descending ON event (created_at DESC, event_id);

-- What every commit to an event rewrites, apart from its definition and so narrow: one small row.
CREATE TABLE inventory (
    event_id          BLOB PRIMARY KEY NOT NULL,
    version           INTEGER NOT NULL CHECK (version > 0),
    -- The version at which the definition was last written: what makes a parsed copy of it stale.
    defined_in        INTEGER NOT NULL,
    due_at            INTEGER,
    next_seq          INTEGER NOT NULL,
    bookings          INTEGER NOT NULL,
    cancellations     INTEGER NOT NULL,
    tickets_cancelled INTEGER NOT NULL,
    revenue_minor     INTEGER NOT NULL,
    offered           INTEGER NOT NULL,
    converted         INTEGER NOT NULL,
    lapsed            INTEGER NOT NULL,
    declined          INTEGER NOT NULL,
    "left"            INTEGER NOT NULL,
    closed            INTEGER NOT NULL,
    sold_out_at       INTEGER
) STRICT, WITHOUT ROWID;
-- The sweeper asks every moment which events are due; nearly all are not.
CREATE INDEX inventory_by_due ON inventory (due_at, event_id) WHERE due_at IS NOT NULL;

-- A section's counts, by its place in the event. The check is the wall behind the ledger.
CREATE TABLE section_count (
    event_id   BLOB NOT NULL,
    place      INTEGER NOT NULL,
    section_id BLOB NOT NULL,
    capacity   INTEGER NOT NULL,
    sold       INTEGER NOT NULL CHECK (sold >= 0),
    held       INTEGER NOT NULL CHECK (held >= 0),
    waiting    INTEGER NOT NULL CHECK (waiting >= 0),
    starved    INTEGER NOT NULL CHECK (starved >= 0),
    PRIMARY KEY (event_id, place),
    CHECK (sold + held <= capacity)
) STRICT, WITHOUT ROWID;

-- The hot table. It is kept by its id, which grows with time: new rows go to its end. Of a booking's items, nearly
-- always one, the first lies in columns and the others in more_items (JSON).
CREATE TABLE booking (
    booking_id        BLOB PRIMARY KEY NOT NULL,
    event_id          BLOB NOT NULL,
    user_id           BLOB NOT NULL,
    status            TEXT NOT NULL,
    ticket_type_id    BLOB NOT NULL,
    section_id        BLOB NOT NULL,
    quantity          INTEGER NOT NULL CHECK (quantity > 0),
    price_minor       INTEGER NOT NULL,
    seats             TEXT,
    more_items        TEXT,
    currency          TEXT NOT NULL,
    hold_expires_at   INTEGER,
    payment_reference TEXT,
    source            TEXT NOT NULL,
    entry_id          BLOB,
    reason            TEXT,
    key               TEXT,
    fingerprint       BLOB,
    created_at        INTEGER NOT NULL,
    confirmed_at      INTEGER,
    ended_at          INTEGER
) STRICT, WITHOUT ROWID;
-- Each index costs every booking an insert, and one in the order of users dirties a page of its own for each: hence
-- only these.
--
-- An event's bookings in one status, newest first, and those that take capacity. New rows go to its end, too.
CREATE INDEX booking_of_event ON booking (event_id, status, booking_id);
-- Three jobs in one index in the order of users: a key is used once (no key is no conflict), a user's tickets of an
-- event, a user's history. The history is sorted when it is read: a user has few bookings, and a second index in
-- the order of users halved the rate of inserts where it was measured.
CREATE UNIQUE INDEX booking_of_user ON booking (user_id, event_id, key);
-- Holds by when they are over. Partial: a confirmed booking does not pay for it.
CREATE INDEX booking_held ON booking (event_id, hold_expires_at, booking_id) WHERE status = 'held';

-- A seat has one live booking: the primary key is the wall behind the ledger.
CREATE TABLE taken_seat (
    event_id   BLOB NOT NULL,
    label      TEXT NOT NULL,
    booking_id BLOB NOT NULL,
    PRIMARY KEY (event_id, label)
) STRICT, WITHOUT ROWID;

-- What each hour added, gross.
CREATE TABLE sales_hour (
    event_id          BLOB NOT NULL,
    start             INTEGER NOT NULL,
    bookings          INTEGER NOT NULL,
    tickets           INTEGER NOT NULL,
    cancelled_tickets INTEGER NOT NULL,
    revenue_minor     INTEGER NOT NULL,
    PRIMARY KEY (event_id, start)
) STRICT, WITHOUT ROWID;

-- The waitlists.
CREATE TABLE entry (
    entry_id         BLOB PRIMARY KEY NOT NULL,
    event_id         BLOB NOT NULL,
    user_id          BLOB NOT NULL,
    ticket_type_id   BLOB NOT NULL,
    section_id       BLOB NOT NULL,
    quantity         INTEGER NOT NULL CHECK (quantity > 0),
    status           TEXT NOT NULL,
    seq              INTEGER NOT NULL,
    passes           INTEGER NOT NULL,
    booking_id       BLOB,
    offer_expires_at INTEGER,
    key              TEXT,
    fingerprint      BLOB,
    joined_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- An event's entries in the order of joining; a place is given once.
CREATE UNIQUE INDEX entry_of_event ON entry (event_id, seq);
-- A user's entries, newest first.
CREATE INDEX entry_of_user ON entry (user_id, entry_id);
-- A key is used once; few entries have one.
CREATE UNIQUE INDEX entry_key ON entry (event_id, user_id, key) WHERE key IS NOT NULL;
-- A user has one place in an event's queue at a time.
CREATE UNIQUE INDEX entry_active ON entry (event_id, user_id) WHERE status IN ('waiting', 'offered');
-- Those who wait for a section, in order, with what they want: a search for who fits reads nothing else.
CREATE INDEX entry_waiting ON entry (event_id, section_id, seq, quantity) WHERE status = 'waiting';
-- Those who wait, in order: a position is a count of these.
CREATE INDEX entry_position ON entry (event_id, seq) WHERE status = 'waiting';

-- Accounts.
CREATE TABLE account (
    user_id       BLOB PRIMARY KEY NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled      INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sign-in sessions.
CREATE TABLE session (
    session_id BLOB PRIMARY KEY NOT NULL,
    user_id    BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- A demoted account's sessions end at once.
CREATE INDEX session_of_user ON session (user_id);
-- Those that ran out are forgotten.
CREATE INDEX session_by_expiry ON session (expires_at);

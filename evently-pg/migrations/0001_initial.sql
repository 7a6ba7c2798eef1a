-- Everything of Evently, in a schema of its own. Money is minor units, words are those of the domain. A migration that
-- has shipped never changes: add another one.
--
-- Whatever belongs to an event has its event_id in its primary key, and every statement that writes names it: the
-- tables can be distributed by event as they are. No foreign keys: what they would check, the version of the event's
-- inventory guards already, and they would cost every booking a look-up and a lock.

-- An event's definition. The JSON text is what counts; the columns beside it are what lists filter and sort by.
CREATE TABLE evently.event (
    event_id          uuid PRIMARY KEY,
    status            text NOT NULL,
    name              text COLLATE "C" NOT NULL,
    currency          text NOT NULL,
    starts_at         timestamptz NOT NULL,
    ends_at           timestamptz NOT NULL,
    sales_open_at     timestamptz,
    closes_at         timestamptz NOT NULL,
    created_at        timestamptz NOT NULL,
    -- Lowercased by Rust's rules: those of lower() depend on how the database was made.
    name_lower        text COLLATE "C" NOT NULL,
    venue_lower       text COLLATE "C" NOT NULL,
    description_lower text COLLATE "C" NOT NULL,
    -- The sections in the event's order: what the counts of the inventory are of.
    section_ids       uuid[] NOT NULL,
    definition        text NOT NULL
);
-- The four orders of the catalogue; ties are by id ascending in all of them.
CREATE INDEX event_by_start ON evently.event (starts_at, event_id);
CREATE INDEX event_by_start_descending ON evently.event (starts_at DESC, event_id);
CREATE INDEX event_by_name ON evently.event (name, event_id);
CREATE INDEX event_by_creation_descending ON evently.event (created_at DESC, event_id);

-- What every commit to an event rewrites, apart from its definition and so narrow: one small row, on pages that keep
-- room for its next versions (they then stay on their page and touch no index).
CREATE TABLE evently.inventory (
    event_id          uuid PRIMARY KEY,
    version           bigint NOT NULL CHECK (version > 0),
    -- The version at which the definition was last written: what makes a parsed copy of it stale.
    defined_in        bigint NOT NULL,
    due_at            timestamptz,
    next_seq          bigint NOT NULL,
    -- For each section, in the event's order: available, sold, held, waiting, starved. What is available is capacity
    -- less sold less held: that it cannot be less than nothing is the wall behind the ledger.
    counts            int[] NOT NULL CHECK (0 <= ALL (counts)),
    bookings          bigint NOT NULL,
    cancellations     bigint NOT NULL,
    tickets_cancelled bigint NOT NULL,
    revenue_minor     bigint NOT NULL,
    offered           bigint NOT NULL,
    converted         bigint NOT NULL,
    lapsed            bigint NOT NULL,
    declined          bigint NOT NULL,
    "left"            bigint NOT NULL,
    closed            bigint NOT NULL,
    sold_out_at       timestamptz
) WITH (fillfactor = 50);
-- The sweeper asks every moment which events are due; nearly all are not.
CREATE INDEX inventory_by_due ON evently.inventory (due_at, event_id) WHERE due_at IS NOT NULL;

-- The hot table. Of a booking's items, nearly always one, the first lies in columns and the others in more_items.
-- Its primary key begins with the id, which grows with time: new rows go to the index's end.
CREATE TABLE evently.booking (
    booking_id        uuid NOT NULL,
    event_id          uuid NOT NULL,
    user_id           uuid NOT NULL,
    ticket_type_id    uuid NOT NULL,
    section_id        uuid NOT NULL,
    price_minor       bigint NOT NULL,
    created_at        timestamptz NOT NULL,
    confirmed_at      timestamptz,
    ended_at          timestamptz,
    hold_expires_at   timestamptz,
    fingerprint       uuid,
    entry_id          uuid,
    quantity          int NOT NULL CHECK (quantity > 0),
    status            text COLLATE "C" NOT NULL,
    currency          text COLLATE "C" NOT NULL,
    source            text COLLATE "C" NOT NULL,
    reason            text COLLATE "C",
    key               text COLLATE "C",
    payment_reference text,
    seats             json,
    more_items        json,
    PRIMARY KEY (booking_id, event_id)
);
-- Each index costs every booking an insert, and one in the order of users dirties a page of its own for each: hence
-- only these.
--
-- An event's bookings in one status, newest first, and those that take capacity. New rows go to one end, too. The
-- status leads, so that no plan ever finds one booking by walking through its event's.
CREATE INDEX booking_of_event ON evently.booking (status, event_id, booking_id);
-- Three jobs in one index in the order of users: a key is used once (no key is no conflict), a user's tickets of an
-- event, a user's history. The history is sorted when it is read: a user has few bookings.
CREATE UNIQUE INDEX booking_of_user ON evently.booking (user_id, event_id, key);
-- Holds by when they are over. Partial: a confirmed booking does not pay for it.
CREATE INDEX booking_held ON evently.booking (event_id, hold_expires_at, booking_id) WHERE status = 'held';

-- A seat has one live booking: the primary key is the wall behind the ledger.
CREATE TABLE evently.taken_seat (
    event_id   uuid NOT NULL,
    booking_id uuid NOT NULL,
    label      text COLLATE "C" NOT NULL,
    PRIMARY KEY (event_id, label)
);

-- What each hour added, gross. The hour that is being sold in is rewritten by every commit.
CREATE TABLE evently.sales_hour (
    event_id          uuid NOT NULL,
    start             timestamptz NOT NULL,
    bookings          bigint NOT NULL,
    tickets           bigint NOT NULL,
    cancelled_tickets bigint NOT NULL,
    revenue_minor     bigint NOT NULL,
    PRIMARY KEY (event_id, start)
) WITH (fillfactor = 50);

-- The waitlists.
CREATE TABLE evently.entry (
    entry_id         uuid NOT NULL,
    event_id         uuid NOT NULL,
    user_id          uuid NOT NULL,
    ticket_type_id   uuid NOT NULL,
    section_id       uuid NOT NULL,
    quantity         int NOT NULL CHECK (quantity > 0),
    status           text COLLATE "C" NOT NULL,
    seq              bigint NOT NULL,
    passes           int NOT NULL,
    booking_id       uuid,
    offer_expires_at timestamptz,
    key              text COLLATE "C",
    fingerprint      uuid,
    joined_at        timestamptz NOT NULL,
    PRIMARY KEY (entry_id, event_id)
);
-- An event's entries in the order of joining; a place is given once.
CREATE UNIQUE INDEX entry_of_event ON evently.entry (event_id, seq);
-- A user's entries, newest first.
CREATE INDEX entry_of_user ON evently.entry (user_id, entry_id);
-- A key is used once; few entries have one.
CREATE UNIQUE INDEX entry_key ON evently.entry (event_id, user_id, key) WHERE key IS NOT NULL;
-- A user has one place in an event's queue at a time.
CREATE UNIQUE INDEX entry_active ON evently.entry (event_id, user_id) WHERE status IN ('waiting', 'offered');
-- Those who wait for a section, in order, with what they want: a search for who fits reads nothing else.
CREATE INDEX entry_waiting ON evently.entry (event_id, section_id, seq, quantity) WHERE status = 'waiting';
-- Those who wait, in order: a position is a count of these.
CREATE INDEX entry_position ON evently.entry (event_id, seq) WHERE status = 'waiting';

-- Accounts.
CREATE TABLE evently.account (
    user_id       uuid PRIMARY KEY,
    email         text COLLATE "C" NOT NULL CONSTRAINT account_email UNIQUE,
    name          text,
    role          text NOT NULL,
    password_hash text NOT NULL,
    disabled      boolean NOT NULL,
    created_at    timestamptz NOT NULL
);

-- Sign-in sessions.
CREATE TABLE evently.session (
    session_id uuid PRIMARY KEY,
    user_id    uuid NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL
);
-- A demoted account's sessions end at once.
CREATE INDEX session_of_user ON evently.session (user_id);
-- Those that ran out are forgotten.
CREATE INDEX session_by_expiry ON evently.session (expires_at);

-- Ends a statement that finds what no ledger may do, with all that it wrote.
CREATE FUNCTION evently.broken(what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = what, ERRCODE = 'check_violation';
END
$$;

-- Any write, of any number of events. For each event everything or nothing, if it still stands at the commit that was
-- decided on. Answers the events that were stored ('done'), and those at the right commit where a new booking or
-- entry has a key that its user has used before ('key').
-- Each parameter is a JSON list of rows, named as the columns are: $1 inventories, each with expected (the version
-- decided on, 0 for a new event), expected_writer, writer (who commits), mark (of this commit) and write (keep, put or
-- delete the definition), in the order of ids; $2 definitions;
-- $3 new bookings; $4 changed bookings; $5 new entries; $6 changed entries; $7 freed seats; $8 taken seats; $9 hours
-- of sales.
-- Locks: the inventory rows, in the order of the first list.
-- Relies on: inventory_pkey, booking_pkey, booking_of_user, booking_of_event, entry_pkey, entry_of_event, entry_key,
-- taken_seat_pkey, sales_hour_pkey
WITH change AS MATERIALIZED (
    SELECT *
    FROM json_to_recordset($1::json) AS n (event_id uuid, expected bigint, expected_writer uuid, writer uuid, mark bigint, write text, due_at timestamptz,
        next_seq bigint, counts int[], bookings bigint, cancellations bigint, tickets_cancelled bigint,
        revenue_minor bigint, offered bigint, converted bigint, lapsed bigint, declined bigint, "left" bigint,
        closed bigint, sold_out_at timestamptz)
), new_booking AS MATERIALIZED (
    SELECT * FROM json_populate_recordset(NULL::evently.booking, $3::json)
), changed_booking AS MATERIALIZED (
    SELECT * FROM json_populate_recordset(NULL::evently.booking, $4::json)
), new_entry AS MATERIALIZED (
    SELECT * FROM json_populate_recordset(NULL::evently.entry, $5::json)
), changed_entry AS MATERIALIZED (
    SELECT * FROM json_populate_recordset(NULL::evently.entry, $6::json)
), used_key AS MATERIALIZED (
    -- A key is used by a booking or by an entry: asked of both. Whether the answer still holds, the version tells.
    -- LIMIT keeps each a probe of an index, whatever is known of the tables' sizes.
    SELECT n.event_id
    FROM new_booking AS n CROSS JOIN LATERAL (
        SELECT FROM evently.booking AS b
        WHERE b.user_id = n.user_id AND b.event_id = n.event_id AND b.key = n.key
        LIMIT 1
    ) AS used
    UNION ALL
    SELECT n.event_id
    FROM new_booking AS n CROSS JOIN LATERAL (
        SELECT FROM evently.entry AS e
        WHERE e.user_id = n.user_id AND e.event_id = n.event_id AND e.key = n.key
        LIMIT 1
    ) AS used
    UNION ALL
    SELECT n.event_id
    FROM new_entry AS n CROSS JOIN LATERAL (
        SELECT FROM evently.booking AS b
        WHERE b.user_id = n.user_id AND b.event_id = n.event_id AND b.key = n.key
        LIMIT 1
    ) AS used
    UNION ALL
    SELECT n.event_id
    FROM new_entry AS n CROSS JOIN LATERAL (
        SELECT FROM evently.entry AS e
        WHERE e.user_id = n.user_id AND e.event_id = n.event_id AND e.key = n.key
        LIMIT 1
    ) AS used
), created AS (
    INSERT INTO evently.inventory (event_id, version, defined_in, due_at, next_seq, counts, bookings, cancellations,
        tickets_cancelled, revenue_minor, offered, converted, lapsed, declined, "left", closed, sold_out_at, writer)
    SELECT event_id, 1, mark, due_at, next_seq, counts, bookings, cancellations, tickets_cancelled, revenue_minor,
        offered, converted, lapsed, declined, "left", closed, sold_out_at, writer
    FROM change
    WHERE expected = 0
    ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id
), moved AS (
    UPDATE evently.inventory AS i
    SET version = i.version + 1, writer = n.writer,
        defined_in = CASE n.write WHEN 'put' THEN n.mark ELSE i.defined_in END,
        due_at = n.due_at, next_seq = n.next_seq, counts = n.counts, bookings = n.bookings,
        cancellations = n.cancellations, tickets_cancelled = n.tickets_cancelled, revenue_minor = n.revenue_minor,
        offered = n.offered, converted = n.converted, lapsed = n.lapsed, declined = n.declined, "left" = n."left",
        closed = n.closed, sold_out_at = n.sold_out_at
    FROM change AS n
    WHERE i.event_id = n.event_id AND i.version = n.expected AND i.writer = n.expected_writer
      AND n.write <> 'delete'
      AND n.event_id NOT IN (SELECT event_id FROM used_key)
    RETURNING i.event_id
), deleted AS (
    DELETE FROM evently.inventory AS i
    USING change AS n
    WHERE i.event_id = n.event_id AND i.version = n.expected AND i.writer = n.expected_writer AND n.write = 'delete'
    RETURNING i.event_id
), done AS MATERIALIZED (
    SELECT event_id FROM created UNION ALL SELECT event_id FROM moved UNION ALL SELECT event_id FROM deleted
), defined AS (
    INSERT INTO evently.event
    SELECT d.*
    FROM json_populate_recordset(NULL::evently.event, $2::json) AS d JOIN done ON done.event_id = d.event_id
    ON CONFLICT (event_id) DO UPDATE
    SET status = excluded.status, name = excluded.name, currency = excluded.currency, starts_at = excluded.starts_at,
        ends_at = excluded.ends_at, sales_open_at = excluded.sales_open_at, closes_at = excluded.closes_at,
        created_at = excluded.created_at, name_lower = excluded.name_lower, venue_lower = excluded.venue_lower,
        description_lower = excluded.description_lower, section_ids = excluded.section_ids,
        definition = excluded.definition
), undefined AS (
    DELETE FROM evently.event AS e USING deleted WHERE e.event_id = deleted.event_id
), booked AS (
    INSERT INTO evently.booking SELECT b.* FROM new_booking AS b JOIN done ON done.event_id = b.event_id
), rebooked AS (
    UPDATE evently.booking AS b
    SET status = c.status, hold_expires_at = c.hold_expires_at, payment_reference = c.payment_reference,
        reason = c.reason, confirmed_at = c.confirmed_at, ended_at = c.ended_at
    FROM changed_booking AS c JOIN done ON done.event_id = c.event_id
    WHERE b.booking_id = c.booking_id AND b.event_id = c.event_id
    RETURNING b.booking_id
), moved_on AS (
    UPDATE evently.entry AS e
    SET status = c.status, passes = c.passes, booking_id = c.booking_id, offer_expires_at = c.offer_expires_at
    FROM changed_entry AS c JOIN done ON done.event_id = c.event_id
    WHERE e.entry_id = c.entry_id AND e.event_id = c.event_id
    RETURNING e.entry_id
), joined AS (
    -- After the changed ones, which the count waits for: a user who leaves and joins again has one active entry.
    INSERT INTO evently.entry
    SELECT e.* FROM new_entry AS e JOIN done ON done.event_id = e.event_id
    WHERE (SELECT count(*) FROM moved_on) >= 0
), freed AS (
    DELETE FROM evently.taken_seat AS t
    USING json_populate_recordset(NULL::evently.taken_seat, $7::json) AS s JOIN done ON done.event_id = s.event_id
    WHERE t.event_id = s.event_id AND t.label = s.label AND t.booking_id = s.booking_id
    RETURNING t.label
), taken AS (
    -- After the freed ones, which the count waits for: a seat may change hands within one commit.
    INSERT INTO evently.taken_seat
    SELECT s.*
    FROM json_populate_recordset(NULL::evently.taken_seat, $8::json) AS s JOIN done ON done.event_id = s.event_id
    WHERE (SELECT count(*) FROM freed) >= 0
), counted AS (
    INSERT INTO evently.sales_hour AS hour
    SELECT s.*
    FROM json_populate_recordset(NULL::evently.sales_hour, $9::json) AS s JOIN done ON done.event_id = s.event_id
    ON CONFLICT (event_id, start) DO UPDATE
    SET bookings = hour.bookings + excluded.bookings, tickets = hour.tickets + excluded.tickets,
        cancelled_tickets = hour.cancelled_tickets + excluded.cancelled_tickets,
        revenue_minor = hour.revenue_minor + excluded.revenue_minor
), wall AS (
    -- What no ledger decides ends the statement with all that it wrote.
    SELECT evently.broken('there is no such booking or entry to change')
    WHERE (SELECT count(*) FROM changed_booking AS c JOIN done ON done.event_id = c.event_id)
            <> (SELECT count(*) FROM rebooked)
       OR (SELECT count(*) FROM changed_entry AS c JOIN done ON done.event_id = c.event_id)
            <> (SELECT count(*) FROM moved_on)
    UNION ALL
    SELECT evently.broken('an event with bookings or entries cannot be deleted')
    FROM deleted
    WHERE EXISTS (
        SELECT FROM evently.booking AS b
        WHERE b.status IN ('pending', 'held', 'confirmed', 'rejected', 'cancelled', 'expired')
          AND b.event_id = deleted.event_id
    )
    UNION ALL
    SELECT evently.broken('an event with bookings or entries cannot be deleted')
    FROM deleted
    WHERE EXISTS (SELECT FROM evently.entry AS e WHERE e.event_id = deleted.event_id)
)
SELECT event_id, 'done' AS outcome FROM done WHERE (SELECT count(*) FROM wall) = 0
UNION ALL
SELECT DISTINCT n.event_id, 'key'
FROM change AS n
    JOIN evently.inventory AS i ON i.event_id = n.event_id AND i.version = n.expected
    JOIN used_key AS k ON k.event_id = n.event_id

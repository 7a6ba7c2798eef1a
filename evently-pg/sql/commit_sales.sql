-- The hot write: new bookings, and nothing else, of any number of events. For each event everything or nothing, if it
-- still stands at the commit that was decided on; answers the events that were. A used key fails booking_of_user, a
-- taken seat the primary key of taken_seat, and with it the whole statement.
-- Parameters are arrays. Bookings that are alike but for their owner, quantity, key and seats share a lot.
-- $1-$9 an event each, in the order of ids: event, version decided on, its writer, who commits, counts, due_at, bookings,
-- revenue_minor, sold_out_at
-- $10-$18 a lot each: event, ticket type, section, price_minor, currency, status, created_at, confirmed_at,
-- hold_expires_at
-- $19-$25 a booking each: its lot (from 1), booking, user, quantity, key, fingerprint, seats
-- $26-$28 a taken seat each: event, booking, label
-- $29-$33 an hour of sales each: event, start, bookings, tickets, revenue_minor
-- Locks: the inventory rows, in the order of the first array.
-- Relies on: inventory_pkey
WITH moved AS (
    UPDATE evently.inventory AS i
    SET version = i.version + 1, writer = n.writer, counts = n.counts::int[], due_at = n.due_at, bookings = n.bookings,
        revenue_minor = n.revenue_minor, sold_out_at = n.sold_out_at
    FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::bigint[], $8::bigint[], $9::timestamptz[])
        AS n (event_id, expected, expected_writer, writer, counts, due_at, bookings, revenue_minor, sold_out_at)
    WHERE i.event_id = n.event_id AND i.version = n.expected AND i.writer = n.expected_writer
    RETURNING i.event_id
), lot AS (
    SELECT l.*
    FROM unnest($10::uuid[], $11::uuid[], $12::uuid[], $13::bigint[], $14::text[], $15::text[], $16::timestamptz[],
            $17::timestamptz[], $18::timestamptz[])
        WITH ORDINALITY AS l (event_id, ticket_type_id, section_id, price_minor, currency, status, created_at,
            confirmed_at, hold_expires_at, number)
        JOIN moved ON moved.event_id = l.event_id
), sold AS (
    INSERT INTO evently.booking (booking_id, event_id, user_id, ticket_type_id, section_id, price_minor, created_at,
        confirmed_at, hold_expires_at, fingerprint, quantity, status, currency, source, key, seats)
    SELECT b.booking_id, l.event_id, b.user_id, l.ticket_type_id, l.section_id, l.price_minor, l.created_at,
        l.confirmed_at, l.hold_expires_at, b.fingerprint, b.quantity, l.status, l.currency, 'direct', b.key,
        b.seats::json
    FROM unnest($19::bigint[], $20::uuid[], $21::uuid[], $22::int[], $23::text[], $24::uuid[], $25::text[])
        AS b (lot, booking_id, user_id, quantity, key, fingerprint, seats)
        JOIN lot AS l ON l.number = b.lot
), seated AS (
    INSERT INTO evently.taken_seat (event_id, booking_id, label)
    SELECT s.event_id, s.booking_id, s.label
    FROM unnest($26::uuid[], $27::uuid[], $28::text[]) AS s (event_id, booking_id, label)
        JOIN moved ON moved.event_id = s.event_id
), counted AS (
    INSERT INTO evently.sales_hour AS hour (event_id, start, bookings, tickets, cancelled_tickets, revenue_minor)
    SELECT s.event_id, s.start, s.bookings, s.tickets, 0, s.revenue_minor
    FROM unnest($29::uuid[], $30::timestamptz[], $31::bigint[], $32::bigint[], $33::bigint[])
        AS s (event_id, start, bookings, tickets, revenue_minor)
        JOIN moved ON moved.event_id = s.event_id
    ON CONFLICT (event_id, start) DO UPDATE
    SET bookings = hour.bookings + excluded.bookings, tickets = hour.tickets + excluded.tickets,
        revenue_minor = hour.revenue_minor + excluded.revenue_minor
)
SELECT event_id FROM moved

-- The hot write: new bookings, and nothing else, of any number of events. For each event everything or nothing, if it
-- still is at the version that was decided on; answers the events that were. A used key fails booking_of_user, a
-- taken seat the primary key of taken_seat, and with it the whole statement.
-- Parameters are arrays. Bookings that are alike but for their owner, quantity, key and seats share a lot.
-- $1-$7 an event each, in the order of ids: event, version decided on, counts, due_at, bookings, revenue_minor,
-- sold_out_at
-- $8-$16 a lot each: event, ticket type, section, price_minor, currency, status, created_at, confirmed_at,
-- hold_expires_at
-- $17-$23 a booking each: its lot (from 1), booking, user, quantity, key, fingerprint, seats
-- $24-$26 a taken seat each: event, booking, label
-- $27-$31 an hour of sales each: event, start, bookings, tickets, revenue_minor
-- Locks: the inventory rows, in the order of the first array.
-- Relies on: inventory_pkey
WITH moved AS (
    UPDATE evently.inventory AS i
    SET version = i.version + 1, counts = n.counts::int[], due_at = n.due_at, bookings = n.bookings,
        revenue_minor = n.revenue_minor, sold_out_at = n.sold_out_at
    FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::timestamptz[])
        AS n (event_id, expected, counts, due_at, bookings, revenue_minor, sold_out_at)
    WHERE i.event_id = n.event_id AND i.version = n.expected
    RETURNING i.event_id
), lot AS (
    SELECT l.*
    FROM unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::bigint[], $12::text[], $13::text[], $14::timestamptz[],
            $15::timestamptz[], $16::timestamptz[])
        WITH ORDINALITY AS l (event_id, ticket_type_id, section_id, price_minor, currency, status, created_at,
            confirmed_at, hold_expires_at, number)
        JOIN moved ON moved.event_id = l.event_id
), sold AS (
    INSERT INTO evently.booking (booking_id, event_id, user_id, ticket_type_id, section_id, price_minor, created_at,
        confirmed_at, hold_expires_at, fingerprint, quantity, status, currency, source, key, seats)
    SELECT b.booking_id, l.event_id, b.user_id, l.ticket_type_id, l.section_id, l.price_minor, l.created_at,
        l.confirmed_at, l.hold_expires_at, b.fingerprint, b.quantity, l.status, l.currency, 'direct', b.key,
        b.seats::json
    FROM unnest($17::bigint[], $18::uuid[], $19::uuid[], $20::int[], $21::text[], $22::uuid[], $23::text[])
        AS b (lot, booking_id, user_id, quantity, key, fingerprint, seats)
        JOIN lot AS l ON l.number = b.lot
), seated AS (
    INSERT INTO evently.taken_seat (event_id, booking_id, label)
    SELECT s.event_id, s.booking_id, s.label
    FROM unnest($24::uuid[], $25::uuid[], $26::text[]) AS s (event_id, booking_id, label)
        JOIN moved ON moved.event_id = s.event_id
), counted AS (
    INSERT INTO evently.sales_hour AS hour (event_id, start, bookings, tickets, cancelled_tickets, revenue_minor)
    SELECT s.event_id, s.start, s.bookings, s.tickets, 0, s.revenue_minor
    FROM unnest($27::uuid[], $28::timestamptz[], $29::bigint[], $30::bigint[], $31::bigint[])
        AS s (event_id, start, bookings, tickets, revenue_minor)
        JOIN moved ON moved.event_id = s.event_id
    ON CONFLICT (event_id, start) DO UPDATE
    SET bookings = hour.bookings + excluded.bookings, tickets = hour.tickets + excluded.tickets,
        revenue_minor = hour.revenue_minor + excluded.revenue_minor
)
SELECT event_id FROM moved

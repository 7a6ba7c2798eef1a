-- Counts tickets and writes their booking, if there are so many left. The unique index on bookings' user, event and
-- key guards the key.
-- $1 booking_id, $2 event_id, $3 user_id, $4 key, $5 quantity
-- Locks: the counter's row
WITH taken AS (
    UPDATE counter SET sold = sold + $5 WHERE event_id = $2 AND sold + $5 <= capacity RETURNING event_id
)
INSERT INTO evently.booking (
    booking_id, event_id, user_id, ticket_type_id, section_id, price_minor, created_at, confirmed_at, fingerprint,
    quantity, status, currency, source, key
)
SELECT $1, event_id, $3, event_id, event_id, 0, now(), now(), $1, $5, 'confirmed', 'USD', 'direct', $4 FROM taken

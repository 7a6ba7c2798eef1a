-- Writes bookings as Evently writes them, all at once, and nothing else.
-- Arrays: $1 booking_id, $2 event_id, $3 user_id, $4 key
INSERT INTO evently.booking (
    booking_id, event_id, user_id, ticket_type_id, section_id, price_minor, created_at, confirmed_at, fingerprint,
    quantity, status, currency, source, key
)
SELECT booking_id, event_id, user_id, event_id, event_id, 0, now(), now(), booking_id, 1, 'confirmed', 'USD',
    'direct', key
FROM UNNEST($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS new (booking_id, event_id, user_id, key)

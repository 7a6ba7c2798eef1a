-- Writes a booking as Evently writes it.
-- $1 booking_id, $2 event_id, $3 user_id, $4 key, $5 quantity
INSERT INTO evently.booking (
    booking_id, event_id, user_id, ticket_type_id, section_id, price_minor, created_at, confirmed_at, fingerprint,
    quantity, status, currency, source, key
) VALUES ($1, $2, $3, $2, $2, 0, now(), now(), $1, $5, 'confirmed', 'USD', 'direct', $4)

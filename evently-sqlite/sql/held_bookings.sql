-- An event's holds, first over first, ties by id.
-- ?1 event, ?2 how many at most
-- Relies on: booking_held
SELECT booking_id, event_id, user_id, status, ticket_type_id, section_id, quantity, price_minor, seats, more_items,
       currency, hold_expires_at, payment_reference, source, entry_id, reason, key, fingerprint,
       created_at, confirmed_at, ended_at
FROM booking
WHERE event_id = ?1 AND status = 'held' AND hold_expires_at IS NOT NULL
ORDER BY hold_expires_at, booking_id
LIMIT ?2

-- An event's bookings in one status, newest first.
-- ?1 event, ?2 status, ?3 only those before this booking, ?4 how many at most
-- Relies on: booking_of_event
SELECT booking_id, event_id, user_id, status, ticket_type_id, section_id, quantity, price_minor, seats, more_items,
       currency, hold_expires_at, payment_reference, source, entry_id, reason, key, fingerprint,
       created_at, confirmed_at, ended_at
FROM booking
WHERE event_id = ?1 AND status = ?2 AND booking_id < ?3
ORDER BY booking_id DESC
LIMIT ?4

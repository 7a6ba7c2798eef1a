-- All of an event's bookings, in any order: for the recount.
-- ?1 event
-- Relies on: booking_of_event
SELECT booking_id, event_id, user_id, status, ticket_type_id, section_id, quantity, price_minor, seats, more_items,
       currency, hold_expires_at, payment_reference, source, entry_id, reason, key, fingerprint,
       created_at, confirmed_at, ended_at
FROM booking
WHERE event_id = ?1

-- The booking that a user's key made at an event.
-- ?1 event, ?2 user, ?3 key
-- Relies on: booking_of_user
SELECT booking_id, event_id, user_id, status, ticket_type_id, section_id, quantity, price_minor, seats, more_items,
       currency, hold_expires_at, payment_reference, source, entry_id, reason, key, fingerprint,
       created_at, confirmed_at, ended_at
FROM booking
WHERE user_id = ?2 AND event_id = ?1 AND key = ?3

-- One booking.
-- ?1 booking
-- Relies on: primary key of booking
SELECT booking_id, event_id, user_id, status, ticket_type_id, section_id, quantity, price_minor, seats, more_items,
       currency, hold_expires_at, payment_reference, source, entry_id, reason, key, fingerprint,
       created_at, confirmed_at, ended_at
FROM booking
WHERE booking_id = ?1

-- The booking that a user's key made at an event.
-- $1 user_id, $2 event_id, $3 key
-- Relies on: the unique index on bookings' user, event and key
SELECT booking_id FROM evently.booking WHERE user_id = $1 AND event_id = $2 AND key = $3

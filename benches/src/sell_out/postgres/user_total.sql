-- A user's tickets of an event.
-- $1 user_id, $2 event_id
-- Relies on: the unique index on bookings' user, event and key
SELECT coalesce(sum(quantity), 0)::bigint FROM evently.booking WHERE user_id = $1 AND event_id = $2

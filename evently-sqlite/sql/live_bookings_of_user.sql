-- What a user has of an event: the items of the bookings that take capacity.
-- ?1 event, ?2 user
-- Relies on: booking_of_user
SELECT quantity, more_items
FROM booking
WHERE user_id = ?2 AND event_id = ?1 AND status IN ('held', 'confirmed')

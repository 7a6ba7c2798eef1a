-- The ids of a user's bookings, newest first.
-- Sorts them: the index, which alone is read, has them by event.
-- ?1 user, ?2 only those before this booking, ?3 only those of this event or null, ?4 how many at most, -1 for all
-- Relies on: booking_of_user
SELECT booking_id
FROM booking INDEXED BY booking_of_user
WHERE user_id = ?1 AND booking_id < ?2 AND (?3 IS NULL OR event_id = ?3)
ORDER BY booking_id DESC
LIMIT ?4

-- A user's bookings, newest first.
-- Sorts them: the index has them by event. It is the only one that may be used, or a user of few bookings would be
-- looked for among all.
-- $1 user, $2 only those before this booking or null, $3 only those of this event or null, $4 only in this status or
-- null, $5 how many at most
-- Relies on: booking_of_user
WITH own AS MATERIALIZED (
    SELECT booking_id, event_id, status
    FROM evently.booking
    WHERE user_id = $1 AND ($3::uuid IS NULL OR event_id = $3)
), page AS MATERIALIZED (
    SELECT booking_id, event_id
    FROM own
    WHERE ($2::uuid IS NULL OR booking_id < $2) AND ($4::text IS NULL OR status = $4)
    ORDER BY booking_id DESC
    LIMIT $5
)
SELECT row_to_json(b)::text
FROM page JOIN evently.booking AS b ON b.booking_id = page.booking_id AND b.event_id = page.event_id
ORDER BY b.booking_id DESC

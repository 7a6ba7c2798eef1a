-- An event's bookings in some statuses, newest first: those of each status, merged.
-- $1 event, $2 statuses, $3 only those before this booking or null, $4 how many at most
-- Relies on: booking_of_event
SELECT row_to_json(b)::text
FROM unnest($2::text[]) AS wanted (status) CROSS JOIN LATERAL (
    SELECT *
    FROM evently.booking AS b
    WHERE b.event_id = $1 AND b.status = wanted.status
      AND b.booking_id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    ORDER BY b.booking_id DESC
    LIMIT $4
) AS b
ORDER BY b.booking_id DESC
LIMIT $4

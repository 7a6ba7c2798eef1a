-- Two free seats next to each other, front row first. The event's counter is locked, so they stay free.
-- $1 event_id
-- Relies on: seat_free
SELECT a.row_number, a.place
FROM seat AS a
JOIN seat AS b ON b.event_id = a.event_id AND b.row_number = a.row_number AND b.place = a.place + 1
WHERE a.event_id = $1 AND a.booking_id IS NULL AND b.booking_id IS NULL
ORDER BY a.row_number, a.place
LIMIT 1

-- The labels of an event's taken seats with who has them, by label.
-- ?1 event
-- Relies on: primary key of taken_seat
SELECT label, booking_id
FROM taken_seat
WHERE event_id = ?1
ORDER BY label

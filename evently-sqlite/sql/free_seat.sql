-- Takes a seat back from the booking that has it.
-- ?1 event, ?2 label, ?3 booking
-- Relies on: primary key of taken_seat
DELETE FROM taken_seat
WHERE event_id = ?1 AND label = ?2 AND booking_id = ?3

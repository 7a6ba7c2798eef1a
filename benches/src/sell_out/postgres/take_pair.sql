-- Gives two seats next to each other to a booking.
-- $1 event_id, $2 row_number, $3 place of the first, $4 booking_id
-- Locks: the seats' rows
UPDATE seat SET booking_id = $4
WHERE event_id = $1 AND row_number = $2 AND place IN ($3, $3 + 1)

-- One booking.
-- $1 booking
-- Relies on: booking_pkey
SELECT row_to_json(b)::text FROM evently.booking AS b WHERE b.booking_id = $1

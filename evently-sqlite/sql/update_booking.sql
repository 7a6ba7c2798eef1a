-- Writes what may change of a booking.
-- ?1 booking, ?2 event, ?3 status, ?4 hold_expires_at, ?5 payment_reference, ?6 reason, ?7 confirmed_at, ?8 ended_at
-- Relies on: primary key of booking
UPDATE booking
SET status = ?3, hold_expires_at = ?4, payment_reference = ?5, reason = ?6, confirmed_at = ?7, ended_at = ?8
WHERE booking_id = ?1 AND event_id = ?2

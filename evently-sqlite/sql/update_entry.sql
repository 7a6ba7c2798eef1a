-- Writes what may change of a waitlist entry.
-- ?1 entry, ?2 event, ?3 status, ?4 passes, ?5 booking_id, ?6 offer_expires_at
-- Relies on: primary key of entry
UPDATE entry
SET status = ?3, passes = ?4, booking_id = ?5, offer_expires_at = ?6
WHERE entry_id = ?1 AND event_id = ?2

-- One waitlist entry.
-- ?1 entry
-- Relies on: primary key of entry
SELECT entry_id, event_id, user_id, ticket_type_id, section_id, quantity, status, seq, passes, booking_id,
       offer_expires_at, key, fingerprint, joined_at
FROM entry
WHERE entry_id = ?1

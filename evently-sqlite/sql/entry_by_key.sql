-- The entry that a user's key made at an event.
-- ?1 event, ?2 user, ?3 key
-- Relies on: entry_key
SELECT entry_id, event_id, user_id, ticket_type_id, section_id, quantity, status, seq, passes, booking_id,
       offer_expires_at, key, fingerprint, joined_at
FROM entry
WHERE event_id = ?1 AND user_id = ?2 AND key = ?3

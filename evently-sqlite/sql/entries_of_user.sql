-- A user's waitlist entries, newest first.
-- ?1 user, ?2 only those before this entry, ?3 how many at most
-- Relies on: entry_of_user
SELECT entry_id, event_id, user_id, ticket_type_id, section_id, quantity, status, seq, passes, booking_id,
       offer_expires_at, key, fingerprint, joined_at
FROM entry
WHERE user_id = ?1 AND entry_id < ?2
ORDER BY entry_id DESC
LIMIT ?3

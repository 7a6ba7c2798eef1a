-- An event's waitlist entries in the order of joining.
-- ?1 event, ?2 only behind this place, ?3 only in this status or null, ?4 how many at most, -1 for all
-- Relies on: entry_of_event
SELECT entry_id, event_id, user_id, ticket_type_id, section_id, quantity, status, seq, passes, booking_id,
       offer_expires_at, key, fingerprint, joined_at
FROM entry
WHERE event_id = ?1 AND seq > ?2 AND (?3 IS NULL OR status = ?3)
ORDER BY seq
LIMIT ?4

-- A user's entry at an event that waits or has an offer.
-- ?1 event, ?2 user
-- Relies on: entry_active
SELECT entry_id, event_id, user_id, ticket_type_id, section_id, quantity, status, seq, passes, booking_id,
       offer_expires_at, key, fingerprint, joined_at
FROM entry
WHERE event_id = ?1 AND user_id = ?2 AND status IN ('waiting', 'offered')

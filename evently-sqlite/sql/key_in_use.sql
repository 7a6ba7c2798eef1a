-- Whether a user has used a key for an event, be it for a booking or an entry.
-- ?1 event, ?2 user, ?3 key
-- Relies on: booking_of_user, entry_key
SELECT EXISTS (SELECT 1 FROM booking WHERE user_id = ?2 AND event_id = ?1 AND key = ?3)
    OR EXISTS (SELECT 1 FROM entry WHERE event_id = ?1 AND user_id = ?2 AND key = ?3)

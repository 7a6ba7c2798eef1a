-- Whether any of an event's waitlist entries has a key, which a booking then must not have.
-- ?1 event
-- Relies on: entry_key
SELECT EXISTS (SELECT 1 FROM entry WHERE event_id = ?1 AND key IS NOT NULL)

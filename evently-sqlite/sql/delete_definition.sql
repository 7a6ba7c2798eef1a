-- Deletes an event's definition.
-- ?1 event
-- Relies on: primary key of event
DELETE FROM event
WHERE event_id = ?1

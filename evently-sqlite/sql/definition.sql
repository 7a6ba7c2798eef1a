-- An event's definition.
-- ?1 event
-- Relies on: primary key of event
SELECT definition
FROM event
WHERE event_id = ?1

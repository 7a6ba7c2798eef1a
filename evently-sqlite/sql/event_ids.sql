-- The ids of all events, ascending.
-- ?1 only those after this one, ?2 how many at most
-- Relies on: primary key of inventory
SELECT event_id
FROM inventory
WHERE event_id > ?1
ORDER BY event_id
LIMIT ?2

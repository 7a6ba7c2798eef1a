-- The position of a place among an event's waiting entries: 1 for the first.
-- ?1 event, ?2 place
-- Relies on: entry_position
SELECT count(*)
FROM entry INDEXED BY entry_position
WHERE event_id = ?1 AND status = 'waiting' AND seq <= ?2

-- The counts of an event's sections, in the event's order.
-- ?1 event
-- Relies on: primary key of section_count
SELECT section_id, capacity, sold, held, waiting, starved
FROM section_count
WHERE event_id = ?1
ORDER BY place

-- Deletes the counts of an event's sections.
-- ?1 event
-- Relies on: primary key of section_count
DELETE FROM section_count
WHERE event_id = ?1

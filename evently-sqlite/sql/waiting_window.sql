-- The ids of those who wait for a section, in order. Reads the index alone.
-- ?1 event, ?2 section, ?3 only behind this place, ?4 only those who want this many or fewer, ?5 how many at most
-- Relies on: entry_waiting
SELECT entry_id
FROM entry INDEXED BY entry_waiting
WHERE event_id = ?1 AND section_id = ?2 AND status = 'waiting' AND seq > ?3 AND quantity <= ?4
ORDER BY seq
LIMIT ?5

-- Writes the counts of a section if they differ: most commits to an event of many sections touch few.
-- ?1 event, ?2 place, ?3 capacity, ?4 sold, ?5 held, ?6 waiting, ?7 starved
-- Relies on: primary key of section_count
UPDATE section_count
SET capacity = ?3, sold = ?4, held = ?5, waiting = ?6, starved = ?7
WHERE event_id = ?1 AND place = ?2
  AND (capacity, sold, held, waiting, starved) <> (?3, ?4, ?5, ?6, ?7)

-- Writes the counts of a section for the first time.
-- ?1 event, ?2 place, ?3 section, ?4 capacity, ?5 sold, ?6 held, ?7 waiting, ?8 starved
-- Relies on: primary key of section_count
INSERT INTO section_count (event_id, place, section_id, capacity, sold, held, waiting, starved)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)

-- Notes that the definition was written in the inventory's present version.
-- ?1 event
-- Relies on: primary key of inventory
UPDATE inventory
SET defined_in = version
WHERE event_id = ?1

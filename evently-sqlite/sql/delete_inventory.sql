-- Deletes an event's inventory.
-- ?1 event
-- Relies on: primary key of inventory
DELETE FROM inventory
WHERE event_id = ?1

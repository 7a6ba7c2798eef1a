-- The version of an event's inventory.
-- $1 event
-- Relies on: inventory_pkey
SELECT version FROM evently.inventory WHERE event_id = $1

-- The ids of all events, ascending.
-- $1 only those after this one or null, $2 how many at most
-- Relies on: inventory_pkey
SELECT event_id
FROM evently.inventory
WHERE event_id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
ORDER BY event_id
LIMIT $2

-- Events in which something is due, first due first, ties by id.
-- $1 now, $2 how many at most
-- Relies on: inventory_by_due
SELECT event_id
FROM evently.inventory
WHERE due_at <= $1
ORDER BY due_at, event_id
LIMIT $2

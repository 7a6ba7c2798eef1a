-- Counts tickets as sold, in a transaction that has looked whether there are any.
-- $1 event_id, $2 quantity
-- Locks: the counter's row
UPDATE counter SET sold = sold + $2 WHERE event_id = $1

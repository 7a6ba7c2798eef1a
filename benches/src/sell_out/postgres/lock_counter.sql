-- What is left of an event, for nobody else to change until the transaction ends.
-- $1 event_id
-- Locks: the counter's row
SELECT capacity - sold FROM counter WHERE event_id = $1 FOR UPDATE

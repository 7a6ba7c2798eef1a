-- Makes an event's counter.
-- $1 event_id, $2 capacity
INSERT INTO counter (event_id, capacity) VALUES ($1, $2)

-- Makes an event's seats.
-- $1 event_id, $2 rows, $3 seats in each
INSERT INTO seat (event_id, row_number, place)
SELECT $1, row_number, place
FROM generate_series(1, $2) AS row_number, generate_series(1, $3) AS place

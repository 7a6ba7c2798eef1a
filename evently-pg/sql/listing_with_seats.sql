-- An event as the catalogue lists it, with the labels of its taken seats.
-- $1 event, $2 the mark of the commit that wrote the definition that is known (0: none)
-- Relies on: inventory_pkey, event_pkey, taken_seat_pkey
SELECT row_to_json(i)::text AS inventory, CASE WHEN i.defined_in <> $2 THEN e.definition END AS definition,
    ARRAY(SELECT t.label FROM evently.taken_seat AS t WHERE t.event_id = i.event_id) AS seats
FROM evently.inventory AS i JOIN evently.event AS e ON e.event_id = i.event_id
WHERE i.event_id = $1

-- Events as the catalogue lists them: inventory as JSON, the definition where another version of it is known, and the
-- event's place in the list.
-- $1 events, $2 for each the mark of the commit that wrote the definition that is known (0: none)
-- Relies on: inventory_pkey, event_pkey
SELECT row_to_json(i)::text AS inventory, CASE WHEN i.defined_in <> n.known THEN e.definition END AS definition, n.place
FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS n (event_id, known, place)
    JOIN evently.inventory AS i ON i.event_id = n.event_id
    JOIN evently.event AS e ON e.event_id = n.event_id

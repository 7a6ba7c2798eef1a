-- One event's figures.
-- $1 event
-- Relies on: event_pkey, inventory_pkey
SELECT row_to_json(f)::text
FROM (
    SELECT e.name, e.starts_at, e.currency, e.section_ids, i.*
    FROM evently.event AS e JOIN evently.inventory AS i ON i.event_id = e.event_id
    WHERE e.event_id = $1
) AS f

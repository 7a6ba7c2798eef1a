-- Everything of an event in one snapshot, a row a fact: what it is a part of, and itself as JSON.
-- $1 event, $2 every status of a booking
-- Relies on: inventory_pkey, event_pkey, taken_seat_pkey, sales_hour_pkey, booking_of_event, entry_of_event
SELECT 'inventory' AS part, row_to_json(i)::text AS fact FROM evently.inventory AS i WHERE i.event_id = $1
UNION ALL
SELECT 'definition', e.definition FROM evently.event AS e WHERE e.event_id = $1
UNION ALL
SELECT 'seat', row_to_json(t)::text FROM evently.taken_seat AS t WHERE t.event_id = $1
UNION ALL
SELECT 'hour', row_to_json(s)::text FROM evently.sales_hour AS s WHERE s.event_id = $1
UNION ALL
SELECT 'booking', row_to_json(b)::text FROM evently.booking AS b WHERE b.status = ANY ($2::text[]) AND b.event_id = $1
UNION ALL
SELECT 'entry', row_to_json(e)::text FROM evently.entry AS e WHERE e.event_id = $1

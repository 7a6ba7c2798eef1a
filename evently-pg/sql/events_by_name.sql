-- The ids of a page of the catalogue, by name in the order of its bytes, ties by id ascending.
-- $1 and $2 the last row before the page, or null; $3 and $4 the half-open span of starts; $5 whether drafts are
-- listed; $6 the venue in lower case; $7 the phase, as it is at $8; $9 whether only what has something left; $10 the
-- text in lower case; $11 how many at most. Each filter may be null.
-- The phase is derived as Event::phase does; a test holds the two together.
-- Relies on: event_by_name, inventory_pkey
SELECT e.event_id
FROM evently.event AS e
    JOIN evently.inventory AS i ON i.event_id = e.event_id
    CROSS JOIN LATERAL (
        SELECT sum(i.counts[place]) AS places FROM generate_series(1, cardinality(i.counts), 5) AS place
    ) AS available
WHERE ($1::text IS NULL OR (e.name, e.event_id) > ($1, $2))
  AND ($3::timestamptz IS NULL OR e.starts_at >= $3) AND ($4::timestamptz IS NULL OR e.starts_at < $4)
  AND ($5 OR e.status <> 'draft')
  AND ($6::text IS NULL OR e.venue_lower = $6)
  AND ($7::text IS NULL OR $7 = CASE
        WHEN e.status <> 'published' THEN e.status
        WHEN $8 >= e.ends_at THEN 'ended'
        WHEN $8 >= e.closes_at THEN 'closed'
        WHEN e.sales_open_at > $8 THEN 'scheduled'
        WHEN available.places = 0 THEN 'sold_out'
        ELSE 'on_sale'
      END)
  AND (NOT $9 OR available.places > 0)
  AND ($10::text IS NULL OR strpos(e.name_lower, $10) > 0 OR strpos(e.venue_lower, $10) > 0
       OR strpos(e.description_lower, $10) > 0)
ORDER BY e.name, e.event_id
LIMIT $11

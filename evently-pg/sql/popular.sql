-- The most popular events that start in a span, drafts left out, ties by id ascending.
-- Sorts them: popularity is no column.
-- $1 tickets, bookings, utilization or revenue, $2 and $3 the half-open span, each end may be null, $4 how many at most
-- Relies on: event_by_start, inventory_pkey
SELECT row_to_json(f)::text
FROM (
    SELECT e.name, e.starts_at, e.currency, e.section_ids, i.*
    FROM evently.event AS e
        JOIN evently.inventory AS i ON i.event_id = e.event_id
        CROSS JOIN LATERAL (
            SELECT sum(i.counts[place + 1]) AS sold, sum(i.counts[place] + i.counts[place + 1] + i.counts[place + 2])
                AS capacity
            FROM generate_series(1, cardinality(i.counts), 5) AS place
        ) AS total
    WHERE e.starts_at >= coalesce($2::timestamptz, '-infinity') AND e.starts_at < coalesce($3::timestamptz, 'infinity') AND e.status <> 'draft'
    ORDER BY CASE $1
        WHEN 'bookings' THEN i.bookings::float8
        WHEN 'revenue' THEN i.revenue_minor::float8
        WHEN 'tickets' THEN total.sold::float8
        ELSE coalesce(total.sold::float8 / nullif(total.capacity, 0), 0)
      END DESC, e.event_id
    LIMIT $4
) AS f

-- The most popular events that start in a span, drafts left out, ties by id ascending.
-- Sorts them: popularity is no column.
-- ?1 tickets, bookings, utilization or revenue, ?2 and ?3 the half-open span, ?4 how many at most
-- Relies on: event_by_start, primary key of inventory, primary key of section_count
SELECT e.event_id, e.name, e.starts_at, e.currency,
       i.bookings, i.cancellations, i.tickets_cancelled, i.revenue_minor,
       i.offered, i.converted, i.lapsed, i.declined, i."left", i.closed, i.sold_out_at
FROM event AS e INDEXED BY event_by_start CROSS JOIN inventory AS i ON i.event_id = e.event_id
WHERE e.starts_at >= ?2 AND e.starts_at < ?3 AND e.status <> 'draft'
ORDER BY CASE ?1
    WHEN 'bookings' THEN i.bookings
    WHEN 'revenue' THEN i.revenue_minor
    WHEN 'tickets' THEN (SELECT sum(sold) FROM section_count WHERE event_id = e.event_id)
    ELSE (SELECT coalesce(CAST(sum(sold) AS REAL) / nullif(sum(capacity), 0), 0.0)
          FROM section_count WHERE event_id = e.event_id)
  END DESC, e.event_id
LIMIT ?4

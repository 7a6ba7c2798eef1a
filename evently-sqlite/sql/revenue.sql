-- Revenue of all events that start in a span, by currency in the codes' order, currencies without any left out.
-- Sorts them by currency.
-- ?1 and ?2 the half-open span
-- Relies on: event_by_start, primary key of inventory
SELECT e.currency, sum(i.revenue_minor)
FROM event AS e INDEXED BY event_by_start CROSS JOIN inventory AS i ON i.event_id = e.event_id
WHERE e.starts_at >= ?1 AND e.starts_at < ?2
GROUP BY e.currency
HAVING sum(i.revenue_minor) <> 0
ORDER BY e.currency

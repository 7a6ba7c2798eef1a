-- An event's hours of sales, in order.
-- ?1 event, ?2 and ?3 the half-open span
-- Relies on: primary key of sales_hour
SELECT start, bookings, tickets, cancelled_tickets, revenue_minor
FROM sales_hour
WHERE event_id = ?1 AND start >= ?2 AND start < ?3
ORDER BY start

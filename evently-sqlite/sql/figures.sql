-- One event's figures.
-- ?1 event
-- Relies on: primary key of event, primary key of inventory
SELECT e.event_id, e.name, e.starts_at, e.currency,
       i.bookings, i.cancellations, i.tickets_cancelled, i.revenue_minor,
       i.offered, i.converted, i.lapsed, i.declined, i."left", i.closed, i.sold_out_at
FROM event AS e JOIN inventory AS i ON i.event_id = e.event_id
WHERE e.event_id = ?1

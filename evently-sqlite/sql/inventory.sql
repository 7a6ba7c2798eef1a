-- An event's inventory: its last commit and running figures.
-- ?1 event
-- Relies on: primary key of inventory
SELECT version, writer, defined_in, due_at, next_seq,
       bookings, cancellations, tickets_cancelled, revenue_minor,
       offered, converted, lapsed, declined, "left", closed, sold_out_at
FROM inventory
WHERE event_id = ?1

-- Adds to an hour of sales.
-- ?1 event, ?2 start, ?3 bookings, ?4 tickets, ?5 cancelled_tickets, ?6 revenue_minor
-- Relies on: primary key of sales_hour
INSERT INTO sales_hour (event_id, start, bookings, tickets, cancelled_tickets, revenue_minor)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (event_id, start) DO UPDATE
SET bookings = bookings + excluded.bookings, tickets = tickets + excluded.tickets,
    cancelled_tickets = cancelled_tickets + excluded.cancelled_tickets,
    revenue_minor = revenue_minor + excluded.revenue_minor

-- Figures over all events that start in a span. Events and capacity are those published, the rest is whatever was.
-- ?1 and ?2 the half-open span
-- Relies on: event_by_start, primary key of inventory, primary key of section_count
SELECT count(*) FILTER (WHERE s.place = 0 AND e.status = 'published'),
       coalesce(sum(i.bookings) FILTER (WHERE s.place = 0), 0),
       coalesce(sum(i.cancellations) FILTER (WHERE s.place = 0), 0),
       coalesce(sum(s.sold), 0),
       coalesce(sum(i.tickets_cancelled) FILTER (WHERE s.place = 0), 0),
       coalesce(sum(s.waiting), 0),
       coalesce(sum(s.capacity) FILTER (WHERE e.status = 'published'), 0)
FROM event AS e INDEXED BY event_by_start
    CROSS JOIN inventory AS i ON i.event_id = e.event_id
    CROSS JOIN section_count AS s ON s.event_id = e.event_id
WHERE e.starts_at >= ?1 AND e.starts_at < ?2

-- Figures over all events that start in a span, and their revenue by currency, currencies without any left out.
-- Events and capacity are those published, the rest is whatever was.
-- $1 and $2 the half-open span, each end may be null
-- Relies on: event_by_start, inventory_pkey
WITH part AS MATERIALIZED (
    SELECT e.status, e.currency, i.bookings, i.cancellations, i.tickets_cancelled, i.revenue_minor, total.*
    FROM evently.event AS e
        JOIN evently.inventory AS i ON i.event_id = e.event_id
        CROSS JOIN LATERAL (
            SELECT sum(i.counts[place + 1]) AS sold, sum(i.counts[place + 3]) AS waiting,
                sum(i.counts[place] + i.counts[place + 1] + i.counts[place + 2]) AS capacity
            FROM generate_series(1, cardinality(i.counts), 5) AS place
        ) AS total
    WHERE e.starts_at >= coalesce($1::timestamptz, '-infinity') AND e.starts_at < coalesce($2::timestamptz, 'infinity')
)
SELECT count(*) FILTER (WHERE status = 'published') AS events,
    coalesce(sum(bookings), 0)::bigint AS bookings,
    coalesce(sum(cancellations), 0)::bigint AS cancellations,
    coalesce(sum(sold), 0)::bigint AS tickets_sold,
    coalesce(sum(tickets_cancelled), 0)::bigint AS tickets_cancelled,
    coalesce(sum(waiting), 0)::bigint AS waiting,
    coalesce(sum(capacity) FILTER (WHERE status = 'published'), 0)::bigint AS capacity,
    (SELECT coalesce(json_agg(json_build_array(currency, minor) ORDER BY currency), '[]')::text
     FROM (SELECT currency, sum(revenue_minor)::bigint AS minor FROM part GROUP BY currency) AS revenue
     WHERE minor <> 0) AS revenue
FROM part

-- An event's hours of sales, in order.
-- $1 event, $2 and $3 the half-open span, each end may be null
-- Relies on: sales_hour_pkey
SELECT row_to_json(s)::text
FROM evently.sales_hour AS s
WHERE s.event_id = $1 AND s.start >= coalesce($2::timestamptz, '-infinity') AND s.start < coalesce($3::timestamptz, 'infinity')
ORDER BY s.start

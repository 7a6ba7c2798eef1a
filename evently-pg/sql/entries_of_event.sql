-- An event's waitlist entries in the order of joining, each with its position if it waits. Those before the page are
-- counted once; within the page none that waits is left out.
-- $1 event, $2 only behind this place, $3 only in this status or null, $4 how many at most
-- Relies on: entry_of_event, entry_position
WITH page AS MATERIALIZED (
    SELECT *
    FROM evently.entry AS e
    WHERE e.event_id = $1 AND e.seq > $2 AND ($3::text IS NULL OR e.status = $3)
    ORDER BY e.seq
    LIMIT $4
)
SELECT row_to_json(page)::text AS entry, CASE page.status WHEN 'waiting' THEN (
    SELECT count(*) FROM evently.entry AS w
    WHERE w.event_id = $1 AND w.status = 'waiting' AND w.seq < (SELECT min(seq) FROM page)
) + count(*) FILTER (WHERE page.status = 'waiting') OVER (ORDER BY page.seq) END AS position
FROM page
ORDER BY page.seq

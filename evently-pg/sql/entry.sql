-- One waitlist entry, with its position if it waits: 1 for the first.
-- $1 entry
-- Relies on: entry_pkey, entry_position
SELECT row_to_json(e)::text AS entry, CASE e.status WHEN 'waiting' THEN (
    SELECT count(*) FROM evently.entry AS w WHERE w.event_id = e.event_id AND w.status = 'waiting' AND w.seq <= e.seq
) END AS position
FROM evently.entry AS e
WHERE e.entry_id = $1

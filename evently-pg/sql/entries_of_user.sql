-- A user's waitlist entries, newest first, each with its position if it waits.
-- $1 user, $2 only those before this entry or null, $3 how many at most
-- Relies on: entry_of_user, entry_position
SELECT row_to_json(e)::text AS entry, CASE e.status WHEN 'waiting' THEN (
    SELECT count(*) FROM evently.entry AS w WHERE w.event_id = e.event_id AND w.status = 'waiting' AND w.seq <= e.seq
) END AS position
FROM evently.entry AS e
WHERE e.user_id = $1 AND e.entry_id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY e.entry_id DESC
LIMIT $3

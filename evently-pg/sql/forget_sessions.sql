-- Forgets sessions that ran out, a bounded number at a time, none that somebody else is at.
-- $1 now, $2 how many at most
-- Relies on: session_by_expiry, session_pkey
DELETE FROM evently.session
WHERE session_id IN (
    SELECT session_id FROM evently.session WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
)

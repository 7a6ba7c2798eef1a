-- Forgets sessions that ran out, a bounded number at a time.
-- ?1 now, ?2 how many at most
-- Relies on: session_by_expiry
DELETE FROM session
WHERE session_id IN (SELECT session_id FROM session WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)

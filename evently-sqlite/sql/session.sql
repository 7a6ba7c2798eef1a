-- One session that has not run out.
-- ?1 id, ?2 now
-- Relies on: primary key of session
SELECT user_id, token_hash
FROM session
WHERE session_id = ?1 AND expires_at > ?2

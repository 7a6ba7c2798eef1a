-- Writes a new session.
-- $1 id, $2 user, $3 hash of the token, $4 expires_at
-- Relies on: session_pkey
INSERT INTO evently.session (session_id, user_id, token_hash, expires_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (session_id) DO UPDATE
SET user_id = excluded.user_id, token_hash = excluded.token_hash, expires_at = excluded.expires_at

-- Swaps the hash of a session's token, if the presented one is the good one; ends the session if it is another one.
-- Answers whose session was swapped, and whether one was ended. Of twins, the later one may see neither: it asks again.
-- $1 id, $2 presented hash, $3 next hash, $4 expires_at, $5 now
-- Relies on: session_pkey
WITH rotated AS (
    UPDATE evently.session
    SET token_hash = $3, expires_at = $4
    WHERE session_id = $1 AND token_hash = $2 AND expires_at > $5
    RETURNING user_id
), ended AS (
    DELETE FROM evently.session
    WHERE session_id = $1 AND token_hash <> $2 AND expires_at > $5
    RETURNING user_id
)
SELECT (SELECT user_id FROM rotated) AS rotated, EXISTS (SELECT FROM ended) AS reused

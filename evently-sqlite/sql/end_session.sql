-- Ends a session.
-- ?1 id
-- Relies on: primary key of session
DELETE FROM session
WHERE session_id = ?1

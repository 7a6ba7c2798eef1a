-- Ends a user's sessions.
-- ?1 user
-- Relies on: session_of_user
DELETE FROM session
WHERE user_id = ?1

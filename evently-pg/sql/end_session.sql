-- Ends a session.
-- $1 id
-- Relies on: session_pkey
DELETE FROM evently.session WHERE session_id = $1

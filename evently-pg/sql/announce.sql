-- Tells other processes which events were committed to. Never part of a commit: it takes a lock that all who announce
-- share.
-- $1 the events, parted by spaces
-- Relies on: nothing
SELECT pg_notify('evently_changed', $1)

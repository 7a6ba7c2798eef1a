-- Copies from the write-ahead log into the file what nobody reads there any more; waits for nobody.
-- Answers: whether somebody else is at it, pages in the log, pages copied.
-- Relies on: nothing
PRAGMA wal_checkpoint(PASSIVE)

-- Moves an event's inventory one version on, if it still stands at the commit that was decided on: compare and swap.
-- ?1 event, ?2 due_at, ?3 next_seq, ?4 to ?14 figures, ?15 who commits, ?16 the version decided on, ?17 its writer
-- Relies on: primary key of inventory
UPDATE inventory
SET version = version + 1, due_at = ?2, next_seq = ?3,
    bookings = ?4, cancellations = ?5, tickets_cancelled = ?6, revenue_minor = ?7,
    offered = ?8, converted = ?9, lapsed = ?10, declined = ?11, "left" = ?12, closed = ?13, sold_out_at = ?14,
    writer = ?15
WHERE event_id = ?1 AND version = ?16 AND writer = ?17

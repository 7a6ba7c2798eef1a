-- Makes a new event's inventory at version 1, unless the event exists.
-- ?1 event, ?2 due_at, ?3 next_seq, ?4 to ?14 figures, ?15 who commits
-- Relies on: primary key of inventory
INSERT INTO inventory (
    event_id, version, defined_in, due_at, next_seq,
    bookings, cancellations, tickets_cancelled, revenue_minor,
    offered, converted, lapsed, declined, "left", closed, sold_out_at, writer
) VALUES (?1, 1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
ON CONFLICT (event_id) DO NOTHING

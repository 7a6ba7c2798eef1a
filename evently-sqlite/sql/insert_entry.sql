-- Writes a new waitlist entry.
-- ?1 to ?14 the columns in the table's order
-- Relies on: entry_active
INSERT INTO entry (
    entry_id, event_id, user_id, ticket_type_id, section_id, quantity, status, seq, passes, booking_id,
    offer_expires_at, key, fingerprint, joined_at
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)

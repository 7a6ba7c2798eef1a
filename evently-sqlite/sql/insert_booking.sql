-- Writes a new booking. A key that its user has used for the event fails booking_of_user.
-- ?1 to ?21 the columns in the table's order
-- Relies on: booking_of_user
INSERT INTO booking (
    booking_id, event_id, user_id, status, ticket_type_id, section_id, quantity, price_minor, seats, more_items,
    currency, hold_expires_at, payment_reference, source, entry_id, reason, key, fingerprint,
    created_at, confirmed_at, ended_at
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)

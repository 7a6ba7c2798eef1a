-- Writes an event's definition, new or changed.
-- ?1 event, ?2 status, ?3 name, ?4 currency, ?5 starts_at, ?6 ends_at, ?7 sales_open_at, ?8 closes_at,
-- ?9 created_at, ?10 to ?12 name, venue and description in lower case, ?13 the definition as JSON
-- Relies on: primary key of event
INSERT INTO event (
    event_id, status, name, currency, starts_at, ends_at, sales_open_at, closes_at, created_at,
    name_lower, venue_lower, description_lower, definition
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (event_id) DO UPDATE
SET status = excluded.status, name = excluded.name, currency = excluded.currency, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, sales_open_at = excluded.sales_open_at, closes_at = excluded.closes_at,
    created_at = excluded.created_at, name_lower = excluded.name_lower, venue_lower = excluded.venue_lower,
    description_lower = excluded.description_lower, definition = excluded.definition

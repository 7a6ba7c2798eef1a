-- Whether an event has bookings or waitlist entries.
-- ?1 event
-- Relies on: booking_of_event, entry_of_event
SELECT EXISTS (SELECT 1 FROM booking WHERE event_id = ?1)
    OR EXISTS (SELECT 1 FROM entry WHERE event_id = ?1)

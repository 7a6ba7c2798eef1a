-- Gives a seat to a booking. A seat that is taken fails the primary key.
-- ?1 event, ?2 label, ?3 booking
-- Relies on: primary key of taken_seat
INSERT INTO taken_seat (event_id, label, booking_id)
VALUES (?1, ?2, ?3)

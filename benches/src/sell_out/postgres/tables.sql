-- What the naive designs count in: a counter an event, a row a seat. No parameters.
CREATE TABLE counter (
    event_id uuid PRIMARY KEY,
    capacity integer NOT NULL,
    sold     integer NOT NULL DEFAULT 0 CHECK (sold <= capacity)
) WITH (fillfactor = 50);

CREATE TABLE seat (
    event_id   uuid NOT NULL,
    row_number integer NOT NULL,
    place      integer NOT NULL,
    booking_id uuid,
    PRIMARY KEY (event_id, row_number, place)
);
-- Without it, looking for free seats would pass all that are taken.
CREATE INDEX seat_free ON seat (event_id, row_number, place) WHERE booking_id IS NULL;

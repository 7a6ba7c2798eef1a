-- What decisions need to know of events, all of one snapshot. Answers a row a fact: the place of its need (from 1),
-- what it is a part of, its number there (from 1), and itself as JSON.
-- $1-$5 a need each: event, the mark of the commit that wrote the definition that is known (0: none), whether
-- taken seats, due at, whether live bookings
-- $6-$7 an asked user each: need, user
-- $8-$10 an asked key each: need, user, key
-- $11-$12 an asked booking each: need, booking
-- $13-$14 an asked entry each: need, entry
-- $15-$18 an asked part of the waitlist each: need, section, only behind this place, only for so many tickets
-- $19 how many rows of one kind at most
-- Relies on: inventory_pkey, event_pkey, taken_seat_pkey, booking_of_user, booking_held, booking_of_event,
-- booking_pkey, entry_pkey, entry_key, entry_active, entry_waiting
WITH need AS MATERIALIZED (
    SELECT *
    FROM unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::timestamptz[], $5::boolean[])
        WITH ORDINALITY AS n (event_id, known, seats, due, live, place)
)
SELECT n.place, 'inventory' AS part, 0::bigint AS number, row_to_json(i)::text AS fact
FROM need AS n JOIN evently.inventory AS i ON i.event_id = n.event_id
UNION ALL
SELECT n.place, 'definition', 0, e.definition
FROM need AS n
    JOIN evently.inventory AS i ON i.event_id = n.event_id AND i.defined_in <> n.known
    JOIN evently.event AS e ON e.event_id = n.event_id
UNION ALL
SELECT n.place, 'seats', 0, (
    SELECT coalesce(json_agg(t.label), '[]') FROM evently.taken_seat AS t WHERE t.event_id = n.event_id
)::text
FROM need AS n
WHERE n.seats
UNION ALL
SELECT n.place, 'due', 0, row_to_json(b)::text
FROM need AS n CROSS JOIN LATERAL (
    SELECT * FROM evently.booking AS b
    WHERE b.event_id = n.event_id AND b.status = 'held' AND b.hold_expires_at IS NOT NULL
    ORDER BY b.hold_expires_at, b.booking_id
    LIMIT $19::bigint + 1
) AS b
WHERE n.due IS NOT NULL
UNION ALL
SELECT n.place, 'live', 0, row_to_json(b)::text
FROM need AS n CROSS JOIN LATERAL (
    SELECT * FROM evently.booking AS b
    WHERE b.event_id = n.event_id AND b.status IN ('held', 'confirmed')
    LIMIT $19
) AS b
WHERE n.live
UNION ALL
SELECT n.place, 'tickets', u.number, (
    SELECT coalesce(sum(b.quantity + coalesce((SELECT sum((item ->> 'quantity')::int)
        FROM json_array_elements(b.more_items) AS item), 0)), 0)
    FROM evently.booking AS b
    WHERE b.user_id = u.user_id AND b.event_id = n.event_id AND b.status IN ('held', 'confirmed')
)::text
FROM unnest($6::bigint[], $7::uuid[]) WITH ORDINALITY AS u (place, user_id, number) JOIN need AS n ON n.place = u.place
UNION ALL
SELECT n.place, 'active', u.number, row_to_json(e)::text
FROM unnest($6::bigint[], $7::uuid[]) WITH ORDINALITY AS u (place, user_id, number)
    JOIN need AS n ON n.place = u.place
    JOIN evently.entry AS e
        ON e.event_id = n.event_id AND e.user_id = u.user_id AND e.status IN ('waiting', 'offered')
UNION ALL
SELECT n.place, 'key_booking', k.number, row_to_json(b)::text
FROM unnest($8::bigint[], $9::uuid[], $10::text[]) WITH ORDINALITY AS k (place, user_id, key, number)
    JOIN need AS n ON n.place = k.place
    JOIN evently.booking AS b ON b.user_id = k.user_id AND b.event_id = n.event_id AND b.key = k.key
UNION ALL
SELECT n.place, 'key_entry', k.number, row_to_json(e)::text
FROM unnest($8::bigint[], $9::uuid[], $10::text[]) WITH ORDINALITY AS k (place, user_id, key, number)
    JOIN need AS n ON n.place = k.place
    JOIN evently.entry AS e ON e.event_id = n.event_id AND e.user_id = k.user_id AND e.key = k.key
UNION ALL
SELECT n.place, 'booking', 0, row_to_json(b)::text
FROM unnest($11::bigint[], $12::uuid[]) AS a (place, booking_id)
    JOIN need AS n ON n.place = a.place
    JOIN evently.booking AS b ON b.booking_id = a.booking_id AND b.event_id = n.event_id
UNION ALL
SELECT n.place, 'entry', 0, row_to_json(e)::text
FROM unnest($13::bigint[], $14::uuid[]) AS a (place, entry_id)
    JOIN need AS n ON n.place = a.place
    JOIN evently.entry AS e ON e.entry_id = a.entry_id AND e.event_id = n.event_id
UNION ALL
SELECT n.place, 'window', w.number, row_to_json(e)::text
FROM unnest($15::bigint[], $16::uuid[], $17::bigint[], $18::bigint[])
        WITH ORDINALITY AS w (place, section_id, after, at_most, number)
    JOIN need AS n ON n.place = w.place
    CROSS JOIN LATERAL (
        SELECT * FROM evently.entry AS e
        WHERE e.event_id = n.event_id AND e.section_id = w.section_id AND e.status = 'waiting' AND e.seq > w.after
          AND e.quantity <= w.at_most
        ORDER BY e.seq
        LIMIT $19
    ) AS e

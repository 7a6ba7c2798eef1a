-- What is stored and what was counted: bookings, their tickets, the counters' sum, events beyond their capacity.
-- No parameters; reads whole tables.
SELECT
    (SELECT count(*) FROM evently.booking),
    (SELECT coalesce(sum(quantity), 0)::bigint FROM evently.booking),
    (SELECT coalesce(sum(sold), 0)::bigint FROM counter),
    (SELECT count(*) FROM counter WHERE sold > capacity)

-- A page of the catalogue, by name in the order of its bytes, ties by id ascending.
-- :after_key and :after_id the last row before the page, :from and :to the half-open span of starts, :venue and :text
-- in lower case, :phase, :available_only, :include_drafts, :now, :limit; each filter may be null.
-- The phase is derived as Event::phase does; a test holds the two together.
-- Relies on: event_by_name
SELECT e.event_id, i.version, i.defined_in
FROM event AS e INDEXED BY event_by_name CROSS JOIN inventory AS i ON i.event_id = e.event_id
WHERE (e.name, e.event_id) > (:after_key, :after_id)
  AND e.starts_at >= coalesce(:from, -9223372036854775808) AND e.starts_at < coalesce(:to, 9223372036854775807)
  AND (:include_drafts OR e.status <> 'draft')
  AND (:venue IS NULL OR e.venue_lower = :venue)
  AND (:phase IS NULL OR :phase = CASE
        WHEN e.status <> 'published' THEN e.status
        WHEN :now >= e.ends_at THEN 'ended'
        WHEN :now >= e.closes_at THEN 'closed'
        WHEN e.sales_open_at > :now THEN 'scheduled'
        WHEN (SELECT sum(capacity - sold - held) FROM section_count WHERE event_id = e.event_id) = 0 THEN 'sold_out'
        ELSE 'on_sale'
      END)
  AND (NOT :available_only
       OR (SELECT sum(capacity - sold - held) FROM section_count WHERE event_id = e.event_id) > 0)
  AND (:text IS NULL OR instr(e.name_lower, :text) OR instr(e.venue_lower, :text)
       OR instr(e.description_lower, :text))
ORDER BY e.name, e.event_id
LIMIT :limit

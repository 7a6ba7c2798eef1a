-- Answers.
-- Relies on: nothing
SELECT 1

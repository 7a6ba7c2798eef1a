-- One account.
-- $1 id
-- Relies on: account_pkey
SELECT row_to_json(a)::text FROM evently.account AS a WHERE a.user_id = $1

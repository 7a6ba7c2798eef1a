-- The account with an e-mail address.
-- $1 email
-- Relies on: account_email
SELECT row_to_json(a)::text FROM evently.account AS a WHERE a.email = $1

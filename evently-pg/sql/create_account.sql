-- Writes a new account, unless its e-mail address is taken.
-- $1 the account as JSON
-- Relies on: account_email
INSERT INTO evently.account
SELECT * FROM json_populate_record(NULL::evently.account, $1::json)
ON CONFLICT (email) DO NOTHING

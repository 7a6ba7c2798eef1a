-- Writes what may change of an account, and ends its sessions if its role changed or it is disabled.
-- $1 the account as JSON
-- Locks: the account's row.
-- Relies on: account_pkey, session_of_user
WITH changed AS (
    SELECT * FROM json_populate_record(NULL::evently.account, $1::json)
), stored AS MATERIALIZED (
    SELECT a.user_id, a.role FROM evently.account AS a JOIN changed ON changed.user_id = a.user_id FOR UPDATE OF a
), ended AS (
    DELETE FROM evently.session AS s
    USING stored, changed
    WHERE s.user_id = stored.user_id AND (stored.role <> changed.role OR changed.disabled)
)
UPDATE evently.account AS a
SET name = changed.name, role = changed.role, password_hash = changed.password_hash, disabled = changed.disabled
FROM changed JOIN stored ON stored.user_id = changed.user_id
WHERE a.user_id = changed.user_id

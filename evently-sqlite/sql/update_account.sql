-- Writes what may change of an account.
-- ?1 id, ?2 name, ?3 role, ?4 password_hash, ?5 disabled
-- Relies on: primary key of account
UPDATE account
SET name = ?2, role = ?3, password_hash = ?4, disabled = ?5
WHERE user_id = ?1

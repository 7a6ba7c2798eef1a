-- One account.
-- ?1 id
-- Relies on: primary key of account
SELECT user_id, email, name, role, password_hash, disabled, created_at
FROM account
WHERE user_id = ?1

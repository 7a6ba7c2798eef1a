-- The account with an e-mail address.
-- ?1 email
-- Relies on: the unique e-mail address of account
SELECT user_id, email, name, role, password_hash, disabled, created_at
FROM account
WHERE email = ?1

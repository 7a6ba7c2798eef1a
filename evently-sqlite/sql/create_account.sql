-- Writes a new account, unless its e-mail address is taken.
-- ?1 id, ?2 email, ?3 name, ?4 role, ?5 password_hash, ?6 disabled, ?7 created_at
-- Relies on: the unique e-mail address of account
INSERT INTO account (user_id, email, name, role, password_hash, disabled, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (email) DO NOTHING

//! Accounts and their sign-in sessions.

use crate::SqliteStore;
use crate::error::Fault;
use crate::query::{first, write};
use crate::rows::{instant, micros, parsed, text, uuid, word};
use crate::statements as sql;
use async_trait::async_trait;
use evently_core::domain::{Email, Role, Session, SessionId, Timestamp, User, UserId};
use evently_core::store::{Rotation, StoreError, UserStore, UserWritten};
use rusqlite::{Connection, Row, params};

#[async_trait]
impl UserStore for SqliteStore {
    async fn create_user(&self, user: &User) -> Result<UserWritten, StoreError> {
        let user = user.clone();
        self.writer
            .ask(move |connection, _| Ok(create(connection, &user)?))
            .await
    }

    async fn update_user(&self, user: &User) -> Result<(), StoreError> {
        let user = user.clone();
        self.writer
            .ask(move |connection, _| Ok(update(connection, &user)?))
            .await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.readers.ask(move |connection| account(connection, id)).await
    }

    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        let email = email.clone();
        self.readers
            .ask(move |connection| first(connection, sql::ACCOUNT_BY_EMAIL, [email.as_str()], read))
            .await
    }

    async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        let session = session.clone();
        self.writer
            .ask(move |connection, _| Ok(put(connection, &session)?))
            .await
    }

    async fn rotate_session(
        &self,
        id: SessionId,
        presented: [u8; 32],
        next: [u8; 32],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        self.writer
            .ask(move |connection, _| {
                write(
                    connection,
                    sql::FORGET_SESSIONS,
                    params![micros(now), MAX_FORGOTTEN],
                )?;
                Ok(rotate(connection, (id, presented), (next, expires_at), now)?)
            })
            .await
    }

    async fn end_session(&self, id: SessionId) -> Result<(), StoreError> {
        self.writer
            .ask(move |connection, _| Ok(end(connection, id)?))
            .await
    }
}

/// The most sessions that are forgotten in one step.
const MAX_FORGOTTEN: u32 = 64;

fn read(row: &Row<'_>) -> Result<User, Fault> {
    Ok(User {
        id: UserId::from_uuid(uuid(row, 0)?),
        email: parsed(row, 1)?,
        name: row.get(2)?,
        role: word(text(row, 3)?, &[Role::User, Role::Admin], Role::as_str)?,
        password_hash: row.get(4)?,
        disabled: row.get(5)?,
        created_at: instant(row, 6)?,
    })
}

fn account(connection: &Connection, id: UserId) -> Result<Option<User>, Fault> {
    first(connection, sql::ACCOUNT, [id.uuid().as_bytes()], read)
}

fn create(connection: &Connection, user: &User) -> Result<UserWritten, Fault> {
    let id = user.id.uuid();
    let written = write(
        connection,
        sql::CREATE_ACCOUNT,
        params![
            id.as_bytes(),
            user.email.as_str(),
            user.name,
            user.role.as_str(),
            user.password_hash,
            user.disabled,
            micros(user.created_at),
        ],
    )?;
    Ok(match written {
        0 => UserWritten::EmailTaken,
        _ => UserWritten::Done,
    })
}

fn update(connection: &Connection, user: &User) -> Result<(), Fault> {
    let Some(stored) = account(connection, user.id)? else {
        return Ok(());
    };
    let id = user.id.uuid();
    write(
        connection,
        sql::UPDATE_ACCOUNT,
        params![
            id.as_bytes(),
            user.name,
            user.role.as_str(),
            user.password_hash,
            user.disabled
        ],
    )?;
    if stored.role != user.role || user.disabled {
        write(connection, sql::END_SESSIONS_OF_USER, [id.as_bytes()])?;
    }
    Ok(())
}

fn put(connection: &Connection, session: &Session) -> Result<(), Fault> {
    let (id, user) = (session.id.uuid(), session.user_id.uuid());
    write(
        connection,
        sql::PUT_SESSION,
        params![
            id.as_bytes(),
            user.as_bytes(),
            session.token_hash,
            micros(session.expires_at)
        ],
    )?;
    Ok(())
}

fn end(connection: &Connection, id: SessionId) -> Result<(), Fault> {
    write(connection, sql::END_SESSION, [id.uuid().as_bytes()]).map(drop)
}

/// Compare and swap on the token's hash.
fn rotate(
    connection: &Connection,
    (id, presented): (SessionId, [u8; 32]),
    (next, expires_at): ([u8; 32], Timestamp),
    now: Timestamp,
) -> Result<Rotation, Fault> {
    let uuid_of_session = id.uuid();
    let scope = params![uuid_of_session.as_bytes(), micros(now)];
    let found = first(connection, sql::SESSION, scope, |row| {
        Ok((UserId::from_uuid(uuid(row, 0)?), row.get::<_, [u8; 32]>(1)?))
    })?;
    match found {
        None => Ok(Rotation::Unknown),
        Some((_, good)) if good != presented => {
            end(connection, id)?;
            Ok(Rotation::Reused)
        }
        Some((user_id, _)) => {
            put(
                connection,
                &Session {
                    id,
                    user_id,
                    token_hash: next,
                    expires_at,
                },
            )?;
            Ok(Rotation::Rotated(user_id))
        }
    }
}

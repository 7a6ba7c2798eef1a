//! Accounts and their sign-in sessions.

use crate::error::Fault;
use crate::rows::{AccountRow, from_json, instant, text, to_json};
use crate::statements as sql;
use crate::store::PgStore;
use async_trait::async_trait;
use evently_core::domain::{Email, Session, SessionId, Timestamp, User, UserId};
use evently_core::store::{Rotation, StoreError, UserStore, UserWritten};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

/// The most sessions that are forgotten in one step.
const MAX_FORGOTTEN: i64 = 64;

#[async_trait]
impl UserStore for PgStore {
    async fn create_user(&self, user: &User) -> Result<UserWritten, StoreError> {
        let statement = sqlx::query(sql::CREATE_ACCOUNT).bind(to_json(&AccountRow::of(user))?);
        Ok(match self.connections.write(statement).await? {
            0 => UserWritten::EmailTaken,
            _ => UserWritten::Done,
        })
    }

    async fn update_user(&self, user: &User) -> Result<(), StoreError> {
        let statement = sqlx::query(sql::UPDATE_ACCOUNT).bind(to_json(&AccountRow::of(user))?);
        Ok(self.connections.write(statement).await.map(drop)?)
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = self
            .connections
            .first(sqlx::query(sql::ACCOUNT).bind(id.uuid()))
            .await?;
        Ok(row.as_ref().map(account).transpose()?)
    }

    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        let row = self
            .connections
            .first(sqlx::query(sql::ACCOUNT_BY_EMAIL).bind(email.as_str()))
            .await?;
        Ok(row.as_ref().map(account).transpose()?)
    }

    async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        let statement = sqlx::query(sql::PUT_SESSION)
            .bind(session.id.uuid())
            .bind(session.user_id.uuid())
            .bind(session.token_hash)
            .bind(instant(session.expires_at));
        Ok(self.connections.write(statement).await.map(drop)?)
    }

    async fn rotate_session(
        &self,
        id: SessionId,
        presented: [u8; 32],
        next: [u8; 32],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let forget = sqlx::query(sql::FORGET_SESSIONS)
            .bind(instant(now))
            .bind(MAX_FORGOTTEN);
        self.connections.write(forget).await?;
        // A twin that came a moment later waited for the first one's swap and then saw neither its own token nor
        // another one: a second look sees what the first one made of it.
        for _ in 0..2 {
            let statement = sqlx::query(sql::ROTATE_SESSION)
                .bind(id.uuid())
                .bind(presented)
                .bind(next)
                .bind(instant(expires_at))
                .bind(instant(now));
            let row = self.connections.first(statement).await?;
            let rotation = row
                .as_ref()
                .map(rotation)
                .transpose()?
                .unwrap_or(Rotation::Unknown);
            if rotation != Rotation::Unknown {
                return Ok(rotation);
            }
        }
        Ok(Rotation::Unknown)
    }

    async fn end_session(&self, id: SessionId) -> Result<(), StoreError> {
        Ok(self
            .connections
            .write(sqlx::query(sql::END_SESSION).bind(id.uuid()))
            .await
            .map(drop)?)
    }
}

fn account(row: &PgRow) -> Result<User, Fault> {
    Ok(from_json::<AccountRow>(text(row, 0)?)?.user())
}

fn rotation(row: &PgRow) -> Result<Rotation, Fault> {
    let (rotated, reused): (Option<Uuid>, bool) = (row.try_get(0)?, row.try_get(1)?);
    Ok(match rotated {
        Some(user) => Rotation::Rotated(UserId::from_uuid(user)),
        None if reused => Rotation::Reused,
        None => Rotation::Unknown,
    })
}

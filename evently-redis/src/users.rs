//! Accounts and their sign-in sessions.

use crate::RedisStore;
use crate::error::Fault;
use crate::keys;
use crate::rows::{instant, micros};
use crate::scripts::{CREATE_USER, END_SESSION, PUT_SESSION, ROTATE_SESSION, UPDATE_USER};
use crate::values;
use async_trait::async_trait;
use evently_core::domain::{Email, Role, Session, SessionId, Timestamp, User, UserId};
use evently_core::store::{Rotation, StoreError, UserStore, UserWritten};
use redis::{Cmd, Value};

/// The most sessions that are forgotten in one step.
const MAX_FORGOTTEN: u32 = 64;

/// What is kept of sessions, in the order of the scripts' KEYS.
const SESSION_KEYS: [&str; 3] = [keys::SESSIONS, keys::SESSIONS_OF_USER, keys::SESSIONS_BY_EXPIRY];

#[async_trait]
impl UserStore for RedisStore {
    async fn create_user(&self, user: &User) -> Result<UserWritten, StoreError> {
        let mut command = CREATE_USER.call(&[keys::account(user.id).as_str(), keys::EMAILS]);
        command.arg(user.email.as_str()).arg(user.id.uuid().as_bytes());
        command.arg("email").arg(user.email.as_str());
        command.arg("created_at").arg(micros(user.created_at));
        add_what_may_change(&mut command, user);
        let made: u8 = values::number(self.data()?.connection.ask(command).await?)?;
        Ok(match made {
            0 => UserWritten::EmailTaken,
            _ => UserWritten::Done,
        })
    }

    async fn update_user(&self, user: &User) -> Result<(), StoreError> {
        let account = keys::account(user.id);
        let [sessions, of_user, by_expiry] = SESSION_KEYS;
        let mut command = UPDATE_USER.call(&[account.as_str(), sessions, of_user, by_expiry]);
        command
            .arg(user.id.uuid().as_bytes())
            .arg(user.role.as_str())
            .arg(u8::from(user.disabled));
        add_what_may_change(&mut command, user);
        self.data()?.connection.ask(command).await?;
        Ok(())
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let mut command = redis::cmd("HMGET");
        command.arg(keys::account(id)).arg(&FIELDS);
        Ok(read(id, self.data()?.connection.read(command).await?)?)
    }

    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        let mut command = redis::cmd("HGET");
        command.arg(keys::EMAILS).arg(email.as_str());
        // An address never goes to another account: what is read next is still true.
        match self.data()?.connection.read(command).await? {
            Value::Nil => Ok(None),
            id => self.user(UserId::from_uuid(values::id(id)?)).await,
        }
    }

    async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        let mut command = PUT_SESSION.call(&SESSION_KEYS);
        let row = [session.user_id.uuid().as_bytes().as_slice(), &session.token_hash].concat();
        command
            .arg(session.id.uuid().as_bytes())
            .arg(row)
            .arg(micros(session.expires_at));
        self.data()?.connection.ask(command).await?;
        Ok(())
    }

    async fn rotate_session(
        &self,
        id: SessionId,
        presented: [u8; 32],
        next: [u8; 32],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let mut command = ROTATE_SESSION.call(&SESSION_KEYS);
        command.arg(id.uuid().as_bytes()).arg(&presented).arg(&next);
        command
            .arg(micros(expires_at))
            .arg(micros(now))
            .arg(MAX_FORGOTTEN);
        Ok(match self.data()?.connection.ask(command).await? {
            Value::Int(0) => Rotation::Unknown,
            Value::Int(_) => Rotation::Reused,
            user => Rotation::Rotated(UserId::from_uuid(values::id(user)?)),
        })
    }

    async fn end_session(&self, id: SessionId) -> Result<(), StoreError> {
        let mut command = END_SESSION.call(&SESSION_KEYS);
        command.arg(id.uuid().as_bytes());
        self.data()?.connection.ask(command).await?;
        Ok(())
    }
}

/// The fields of an account.
const FIELDS: [&str; 6] = ["email", "created_at", "name", "role", "password_hash", "disabled"];

fn add_what_may_change(command: &mut Cmd, user: &User) {
    // A name that is there is told from none by a sign before it.
    let name = user
        .name
        .as_ref()
        .map_or_else(String::new, |name| format!("={name}"));
    command.arg("name").arg(name);
    command.arg("role").arg(user.role.as_str());
    command.arg("password_hash").arg(&user.password_hash);
    command.arg("disabled").arg(u8::from(user.disabled));
}

fn read(id: UserId, answer: Value) -> Result<Option<User>, Fault> {
    let [email, created_at, name, role, password_hash, disabled] = values::parts(answer)?;
    if email == Value::Nil {
        return Ok(None);
    }
    Ok(Some(User {
        id,
        email: values::text(email)?.parse().map_err(Fault::damaged)?,
        name: values::text(name)?.strip_prefix('=').map(str::to_owned),
        role: match values::text(role)?.as_str() {
            "user" => Role::User,
            "admin" => Role::Admin,
            other => return Err(Fault::damaged(format!("unknown role {other:?}"))),
        },
        password_hash: values::text(password_hash)?,
        disabled: values::number::<u8>(disabled)? == 1,
        created_at: instant(values::number(created_at)?)?,
    }))
}

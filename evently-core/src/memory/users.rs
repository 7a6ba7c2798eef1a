//! Accounts and their sign-in sessions.

use super::{MemoryStore, NAME};
use crate::domain::{Email, Session, SessionId, Timestamp, User, UserId};
use crate::store::{Rotation, StoreError, UserStore, UserWritten};
use async_trait::async_trait;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// All accounts and sessions, under one lock: they are few, and each step is short.
#[derive(Default)]
pub(super) struct Accounts {
    users: HashMap<UserId, User>,
    by_email: BTreeMap<Email, UserId>,
    sessions: HashMap<SessionId, Session>,
    /// The sessions, first to run out first.
    expiring: BTreeSet<(Timestamp, SessionId)>,
}

impl Accounts {
    fn create(&mut self, user: &User) -> Result<UserWritten, StoreError> {
        if self.by_email.contains_key(&user.email) {
            return Ok(UserWritten::EmailTaken);
        }
        if self.users.contains_key(&user.id) {
            return Err(StoreError::permanent(NAME, "the account's id is in use"));
        }
        self.by_email.insert(user.email.clone(), user.id);
        self.users.insert(user.id, user.clone());
        Ok(UserWritten::Done)
    }

    fn update(&mut self, user: &User) {
        let Some(stored) = self.users.get_mut(&user.id) else {
            return;
        };
        let ends_sessions = stored.role != user.role || user.disabled;
        stored.name.clone_from(&user.name);
        stored.role = user.role;
        stored.password_hash.clone_from(&user.password_hash);
        stored.disabled = user.disabled;
        if ends_sessions {
            let theirs = self
                .sessions
                .values()
                .filter(|session| session.user_id == user.id);
            let ids: Vec<SessionId> = theirs.map(|session| session.id).collect();
            ids.into_iter().for_each(|id| self.end(id));
        }
    }

    fn put(&mut self, session: Session) {
        self.end(session.id);
        self.expiring.insert((session.expires_at, session.id));
        self.sessions.insert(session.id, session);
    }

    fn end(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.remove(&id) {
            self.expiring.remove(&(session.expires_at, id));
        }
    }

    fn forget_expired(&mut self, now: Timestamp) {
        while let Some(&(expires, id)) = self.expiring.first()
            && expires <= now
        {
            self.end(id);
        }
    }

    fn rotate(
        &mut self,
        id: SessionId,
        presented: [u8; 32],
        next: [u8; 32],
        expires_at: Timestamp,
    ) -> Rotation {
        let Some(session) = self.sessions.get(&id) else {
            return Rotation::Unknown;
        };
        let user_id = session.user_id;
        if session.token_hash != presented {
            self.end(id);
            return Rotation::Reused;
        }
        self.put(Session {
            id,
            user_id,
            token_hash: next,
            expires_at,
        });
        Rotation::Rotated(user_id)
    }
}

#[async_trait]
impl UserStore for MemoryStore {
    async fn create_user(&self, user: &User) -> Result<UserWritten, StoreError> {
        self.data()?.accounts.lock().create(user)
    }

    async fn update_user(&self, user: &User) -> Result<(), StoreError> {
        self.data()?.accounts.lock().update(user);
        Ok(())
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.data()?.accounts.lock().users.get(&id).cloned())
    }

    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        let accounts = self.data()?.accounts.lock();
        let id = accounts.by_email.get(email);
        Ok(id.and_then(|id| accounts.users.get(id)).cloned())
    }

    async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        self.data()?.accounts.lock().put(session.clone());
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
        let mut accounts = self.data()?.accounts.lock();
        accounts.forget_expired(now);
        Ok(accounts.rotate(id, presented, next, expires_at))
    }

    async fn end_session(&self, id: SessionId) -> Result<(), StoreError> {
        self.data()?.accounts.lock().end(id);
        Ok(())
    }
}

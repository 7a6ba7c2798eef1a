//! Who books: numbered accounts at a domain that cannot exist (RFC 2606), all with one password that is made anew.

use crate::failure::Failure;
use evently_core::domain::{Caller, Email, Role, User, UserId};
use evently_core::store::{StoreError, UserWritten};
use evently_core::{Error, Evently};
use evently_http::auth::make_admin;
use futures::future::try_join_all;
use rand::RngExt;

/// How many users there are.
const USERS: usize = 300;

/// The demo's accounts.
pub(super) struct People {
    pub(super) admin: Caller,
    pub(super) users: Vec<Caller>,
    /// The password of all of them; told once and kept nowhere.
    pub(super) password: String,
}

pub(super) const ADMIN: &str = "admin@demo.example";
pub(super) const FIRST: &str = "user1@demo.example";

impl People {
    /// Makes the accounts; those that an earlier attempt left get the new password.
    pub(super) async fn gather(evently: &Evently) -> Result<Self, Failure> {
        let password = password();
        let admin = make_admin(evently, ADMIN, &password)
            .await
            .map_err(Failure::failed)?;
        let users = users(evently).await.map_err(Failure::failed)?;
        Ok(Self {
            admin: Caller::admin(admin),
            users,
            password,
        })
    }
}

async fn users(evently: &Evently) -> Result<Vec<Caller>, Error> {
    // Hashing is slow by design: one hash serves all.
    let admin = match ADMIN.parse() {
        Ok(email) => evently.store().user_by_email(&email).await?,
        Err(_) => None,
    };
    let hash = admin.map(|admin| admin.password_hash).unwrap_or_default();
    let users = (1..=USERS).map(|number| user(evently, number, hash.clone()));
    Ok(try_join_all(users).await?.into_iter().map(Caller::user).collect())
}

async fn user(evently: &Evently, number: usize, password_hash: String) -> Result<UserId, StoreError> {
    let address = format!("user{number}@demo.example");
    let email: Email = address
        .parse()
        .map_err(|error| StoreError::permanent("demo", error))?;
    let user = User {
        id: UserId::from_uuid(evently.new_id()),
        email,
        name: Some(format!("Demo user {number}")),
        role: Role::User,
        password_hash,
        disabled: false,
        created_at: evently.now(),
    };
    let store = evently.store();
    if store.create_user(&user).await? == UserWritten::Done {
        return Ok(user.id);
    }
    let Some(known) = store.user_by_email(&user.email).await? else {
        return Ok(user.id);
    };
    let id = known.id;
    store
        .update_user(&User {
            password_hash: user.password_hash,
            ..known
        })
        .await?;
    Ok(id)
}

/// A new password, of letters and digits that are not mistaken for one another.
fn password() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut rng = rand::rng();
    (0..16)
        .map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]))
        .collect()
}

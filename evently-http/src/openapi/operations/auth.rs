//! Accounts and signing in.

use super::super::bodies::{Credentials, RefreshToken, SignUp};
use super::super::operation::{Operation, Who};
use super::ACCOUNTS;
use crate::code::Code;
use crate::view::{SignedInView, UserView};

pub(super) fn operations() -> Vec<Operation> {
    let new = |op, who, summary| Operation::new(op, ACCOUNTS, who, summary);
    vec![
        new("auth::signup", Who::Visitor, "Make an account")
            .about("Makes an account and signs it in.")
            .body::<SignUp>()
            .answers::<SignedInView<'_>>(201, "The account with its tokens.")
            .refuses([Code::EmailTaken, Code::NotFound]),
        new("auth::login", Who::Visitor, "Sign in")
            .about("Ten attempts that fail within a minute are enough, for an account and an address.")
            .body::<Credentials>()
            .answers::<SignedInView<'_>>(200, "The account with its tokens.")
            .refuses([Code::BadCredentials, Code::NotFound]),
        new("auth::refresh", Who::Visitor, "New tokens")
            .about(
                "Gives new tokens for a refresh token, which is used up. One that was used before ends its whole \
                 session.",
            )
            .body::<RefreshToken>()
            .answers::<SignedInView<'_>>(200, "The account with its new tokens.")
            .refuses([Code::Unauthorized, Code::NotFound]),
        new("auth::logout", Who::Visitor, "Sign out")
            .about("Ends the session of a refresh token; an unknown one has ended already.")
            .body::<RefreshToken>()
            .answers_empty(204, "The session has ended.")
            .refuses([Code::NotFound]),
        new("auth::me", Who::User, "The own account")
            .answers::<UserView<'_>>(200, "The caller's account.")
            .refuses([Code::NotFound]),
    ]
}

//! The bodies of sign-up, sign-in, refresh and logout.

use super::body::Body;
use super::fields::Errors;
use super::read;
use crate::auth::password;
use crate::problem::Problem;
use evently_core::domain::Email;

/// The longest name of an account, in characters.
const MAX_NAME_CHARS: usize = 200;

/// A new account.
#[derive(Debug)]
pub(crate) struct NewAccount {
    pub(crate) email: Email,
    pub(crate) password: String,
    pub(crate) name: Option<String>,
}

impl NewAccount {
    /// Reads a sign-up's body.
    ///
    /// # Errors
    /// 422 with every wrong field.
    pub(crate) fn read(body: &Body<'_>) -> Result<Self, Problem> {
        let fields = body.fields();
        let mut errors = Errors::default();
        let email = fields.required(&mut errors, "email", |value| {
            read::text(value)?
                .parse::<Email>()
                .map_err(|error| error.to_string().into())
        });
        let password = fields.required(&mut errors, "password", |value| {
            let text = read::any_text(value)?;
            password::check(text)
                .map_err(|rule| rule.into())
                .map(|()| text.to_owned())
        });
        let name = fields.optional(&mut errors, "name", read::line(MAX_NAME_CHARS));
        errors.none_or(email.zip(password).map(|(email, password)| Self {
            email,
            password,
            name,
        }))
    }
}

/// What somebody signs in with. Which addresses and passwords there can be is not looked at, so that the answer
/// says nothing about the account.
#[derive(Debug)]
pub(crate) struct Credentials<'a> {
    pub(crate) email: &'a str,
    pub(crate) password: &'a str,
}

impl<'a> Credentials<'a> {
    /// Reads a sign-in's body.
    ///
    /// # Errors
    /// 422 for what is no text.
    pub(crate) fn read(body: &'a Body<'a>) -> Result<Self, Problem> {
        let fields = body.fields();
        let mut errors = Errors::default();
        let email = fields.required(&mut errors, "email", read::text);
        let password = fields.required(&mut errors, "password", read::any_text);
        errors.none_or(
            email
                .zip(password)
                .map(|(email, password)| Self { email, password }),
        )
    }
}

/// The refresh token of a refresh's or logout's body.
///
/// # Errors
/// 422 for what is no text.
pub(crate) fn refresh_token<'a>(body: &'a Body<'a>) -> Result<&'a str, Problem> {
    let mut errors = Errors::default();
    let token = body
        .fields()
        .required(&mut errors, "refresh_token", read::any_text);
    errors.none_or(token)
}

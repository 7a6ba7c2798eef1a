//! `admin create`.

use super::engine;
use crate::failure::Failure;
use crate::settings::{ADMIN_PASSWORD, Settings};
use evently_core::Evently;
use evently_http::auth::{AccountError, make_admin};
use std::io::{BufRead, IsTerminal};

/// Makes an admin, or makes an account one.
pub(crate) async fn create_admin(
    settings: Settings,
    email: &str,
    password: Option<String>,
) -> Result<(), Failure> {
    let password = match password.filter(|password| !password.is_empty()) {
        Some(password) => password,
        None => read_password()?,
    };
    let evently = engine(&settings).await?;
    let made = make(&evently, email, &password).await;
    evently.shutdown().await;
    made?;
    println!("{email} is an admin now.");
    Ok(())
}

/// Makes an admin.
///
/// # Errors
/// What is wrong with the address or the password, or how the storage failed.
pub(super) async fn make(evently: &Evently, email: &str, password: &str) -> Result<(), Failure> {
    match make_admin(evently, email, password).await {
        Ok(_) => Ok(()),
        Err(error @ AccountError::Engine(_)) => {
            Err(Failure::failed(format!("the admin could not be made: {error}")))
        }
        Err(error) => Err(Failure::usage(format!("the admin cannot be made: {error}"))),
    }
}

/// One line of standard input. On a terminal it is asked for; what is typed is seen there.
fn read_password() -> Result<String, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Password (seen while you type; {ADMIN_PASSWORD} is read instead if it is set): ");
    }
    let mut line = String::new();
    let read = input.lock().read_line(&mut line);
    let password = line.trim_end_matches(['\r', '\n']);
    match read {
        Ok(_) if !password.is_empty() => Ok(password.to_owned()),
        _ => Err(Failure::usage(format!(
            "no password: set {ADMIN_PASSWORD}, or write it to standard input"
        ))),
    }
}

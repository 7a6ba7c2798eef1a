//! What is asked of every token, whoever signed it and however.

use super::NotAuthenticated;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::de::DeserializeOwned;

/// The checks of a token that this issuer made for this audience, but for its time: that is looked at on each use, by
/// the engine's clock instead of the machine's.
pub(super) fn validation(algorithm: Algorithm, issuer: &str, audience: &str) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&["sub", "exp", "iss", "aud"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.validate_exp = false;
    validation
}

/// The claims of a token that is signed with this key and passes these checks. That `iss` is one text and no list, is
/// the caller's to see.
pub(super) fn claims<T: DeserializeOwned>(
    token: &str,
    key: &DecodingKey,
    validation: &Validation,
) -> Result<T, NotAuthenticated> {
    let decoded = decode(token, key, validation).map_err(|_| NotAuthenticated)?;
    // Extensions that must be understood (RFC 7515, 4.1.11), and none is.
    match decoded.header.crit {
        None => Ok(decoded.claims),
        Some(_) => Err(NotAuthenticated),
    }
}

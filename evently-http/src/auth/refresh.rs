//! Refresh tokens: a session's id and a secret, of which only the hash is kept.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use evently_core::domain::SessionId;
use sha2::{Digest, Sha256};
use std::{fmt, time::Duration};
use uuid::Uuid;

/// How long a refresh token is good for.
pub(crate) const REFRESH_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A refresh token, as its owner holds it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    session_id: SessionId,
    secret: [u8; 32],
}

impl RefreshToken {
    /// A new token of a session.
    pub(crate) fn new(session_id: SessionId) -> Self {
        Self {
            session_id,
            secret: rand::random(),
        }
    }

    /// The token of this text, if it has a token's form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 48] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (id, secret) = bytes.split_first_chunk::<16>()?;
        Some(Self {
            session_id: SessionId::from_uuid(Uuid::from_bytes(*id)),
            secret: secret.try_into().ok()?,
        })
    }

    /// The session.
    pub(crate) fn session_id(&self) -> SessionId {
        self.session_id
    }

    /// What is kept of the token.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }

    /// The token as text.
    pub(crate) fn text(&self) -> String {
        let mut bytes = self.session_id.uuid().as_bytes().to_vec();
        bytes.extend(self.secret);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_as_it_was_written() {
        let token = RefreshToken::new(SessionId::from_uuid(Uuid::from_u128(5)));
        assert_eq!(RefreshToken::parse(&token.text()), Some(token.clone()));
        assert_eq!(token.text().len(), 64);
        assert_ne!(RefreshToken::new(token.session_id()).hash(), token.hash());
        for text in [
            "",
            "x",
            &token.text()[1..],
            &format!("{}A", token.text()),
            &"=".repeat(64),
        ] {
            assert_eq!(RefreshToken::parse(text), None, "{text}");
        }
    }
}

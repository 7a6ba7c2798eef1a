//! The secret that access tokens are signed with.

use std::{fmt, sync::Arc};

/// The secret that access tokens are signed with: the setting's bytes, at least 32 of them.
#[derive(Clone)]
pub struct JwtSecret(Arc<[u8]>);

/// The secret could be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// It is shorter than 32 bytes.
    #[error("the JWT secret must be at least 32 bytes long")]
    Short,
    /// It is a sample from documentation or a template.
    #[error("the JWT secret must be a random one, not a sample")]
    Sample,
}

impl JwtSecret {
    /// The fewest bytes of a secret.
    pub const MIN_BYTES: usize = 32;
    /// How secrets begin that documentation and templates have in the place of one.
    const SAMPLES: [&str; 8] = [
        "change", "your", "replace", "example", "sample", "insert", "todo", "<",
    ];
    /// Words that make no secret, however often they are repeated.
    const WORDS: [&str; 3] = ["secret", "password", "changeme"];

    /// A secret of these bytes.
    ///
    /// # Errors
    /// [`WeakSecret`] by variant.
    pub fn new(bytes: &[u8]) -> Result<Self, WeakSecret> {
        if bytes.len() < Self::MIN_BYTES {
            return Err(WeakSecret::Short);
        }
        let lower = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        let is_repeated = |word: &str| lower.replace(word, "").trim_matches(['-', '_', ' ']).is_empty();
        if Self::SAMPLES.iter().any(|start| lower.starts_with(start))
            || Self::WORDS.into_iter().any(is_repeated)
        {
            return Err(WeakSecret::Sample);
        }
        Ok(Self(bytes.into()))
    }

    /// A new random secret.
    pub fn random() -> Self {
        Self(Arc::new(rand::random::<[u8; 32]>()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for JwtSecret {
    /// Secrets stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_sample_secrets_are_refused() {
        let reject = |text: &str| JwtSecret::new(text.as_bytes()).err();
        assert_eq!(reject("3f9c0a7be1d24865"), Some(WeakSecret::Short));
        for sample in [
            "change-me-change-me-change-me-0123456789",
            "your-256-bit-secret-your-256-bit-secret",
            "<a random secret of at least 32 bytes>",
            &"secret".repeat(6),
            &"Password-".repeat(4),
        ] {
            assert_eq!(reject(sample), Some(WeakSecret::Sample), "{sample}");
        }
        // A word in it makes nobody else's secret of it.
        assert_eq!(reject("jwt-secret-of-the-box-office-7Zk2"), None);
        assert_eq!(reject("3f9c0a7be1d248653f9c0a7be1d24865"), None);
        assert!(!format!("{:?}", JwtSecret::random()).contains("["));
    }
}

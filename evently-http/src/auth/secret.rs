//! The secret that access tokens are signed with.

use std::{collections::HashSet, fmt, sync::Arc};

/// The secret that access tokens are signed with: the setting's bytes, at least 32 of them.
#[derive(Clone)]
pub struct JwtSecret(Arc<[u8]>);

/// The secret could be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// It is shorter than 32 bytes.
    #[error("the JWT secret must be at least 32 bytes long")]
    Short,
    /// It is a sample from documentation, or hardly varies.
    #[error("the JWT secret must be a random one, not a sample")]
    Sample,
}

impl JwtSecret {
    /// The fewest bytes of a secret.
    pub const MIN_BYTES: usize = 32;
    /// The fewest different bytes of a secret: 32 random hexadecimal digits have 14, give or take two.
    const MIN_DIFFERENT: usize = 8;
    /// What stands in secrets that were copied from documentation and templates.
    const SAMPLES: [&[u8]; 8] = [
        b"secret",
        b"change-me",
        b"changeme",
        b"change_me",
        b"example",
        b"password",
        b"your-",
        b"replace",
    ];

    /// A secret of these bytes.
    ///
    /// # Errors
    /// [`WeakSecret`] by variant.
    pub fn new(bytes: &[u8]) -> Result<Self, WeakSecret> {
        if bytes.len() < Self::MIN_BYTES {
            return Err(WeakSecret::Short);
        }
        let lower = bytes.to_ascii_lowercase();
        let holds = |sample: &[u8]| lower.windows(sample.len()).any(|window| window == sample);
        let different: HashSet<&u8> = bytes.iter().collect();
        if different.len() < Self::MIN_DIFFERENT || Self::SAMPLES.into_iter().any(holds) {
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
        assert_eq!(reject(&"a".repeat(64)), Some(WeakSecret::Sample));
        assert_eq!(
            reject("change-me-change-me-change-me-0123456789"),
            Some(WeakSecret::Sample)
        );
        assert_eq!(
            reject("My-Super-Secret-Key-For-Development-1234"),
            Some(WeakSecret::Sample)
        );
        assert_eq!(reject("3f9c0a7be1d248653f9c0a7be1d24865"), None);
        assert!(!format!("{:?}", JwtSecret::random()).contains("["));
    }
}

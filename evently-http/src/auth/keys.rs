//! The keys of a JSON Web Key Set (RFC 7517) that signatures can be checked with.

use super::known::Known;
use super::provider::{Claims, UnusableKeys};
use super::{NotAuthenticated, jwt};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde_json::Value;
use std::{str::FromStr, time::Duration};
use tokio::time::Instant;

/// Keys, and what was found good with them.
pub(super) struct Keys {
    keys: Vec<Key>,
    since: Instant,
    /// Forgotten with the keys, so that a withdrawn one vouches for nobody.
    pub(super) known: Known,
}

struct Key {
    id: Option<String>,
    /// The only one that it is used with, whatever a token's header asks for.
    algorithm: Algorithm,
    decoding: DecodingKey,
}

/// What a token says that was signed with one of the keys, for this issuer and audience.
pub(super) struct Verified {
    pub(super) sub: String,
    pub(super) from: Option<f64>,
    pub(super) until: f64,
    pub(super) claims: Claims,
}

impl Keys {
    /// The keys of a document. Those that are for something else, or of a kind that is not known here, are left out.
    pub(super) fn parse(document: &str) -> Result<Self, UnusableKeys> {
        let set: JwkSet = serde_json::from_str(document).map_err(UnusableKeys::Malformed)?;
        let keys: Vec<Key> = set.keys.into_iter().filter_map(Key::new).collect();
        if keys.is_empty() {
            return Err(UnusableKeys::Empty);
        }
        Ok(Self {
            keys,
            since: Instant::now(),
            known: Known::new(),
        })
    }

    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// Whether a token of this header may be signed with one of these keys.
    pub(super) fn has(&self, header: &Header) -> bool {
        self.find(header).is_some()
    }

    /// The one key of the header's algorithm and id; a token without an id is good where there is no choice.
    fn find(&self, header: &Header) -> Option<&Key> {
        let is_meant = |key: &&Key| {
            key.algorithm == header.alg && (header.kid.is_none() || key.id.as_ref() == header.kid.as_ref())
        };
        let mut meant = self.keys.iter().filter(is_meant);
        let key = meant.next()?;
        meant.next().is_none().then_some(key)
    }

    /// What a token of this header says, whenever it is good.
    pub(super) fn verify(
        &self,
        token: &str,
        header: &Header,
        issuer: &str,
        audience: &str,
    ) -> Result<Verified, NotAuthenticated> {
        let key = self.find(header).ok_or(NotAuthenticated)?;
        let validation = jwt::validation(key.algorithm, issuer, audience);
        let claims: Claims = jwt::claims(token, &key.decoding, &validation)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("iss") != Some(issuer) {
            return Err(NotAuthenticated);
        }
        let seconds = |name: &str| claims.get(name).map(|at| at.as_f64().ok_or(NotAuthenticated));
        Ok(Verified {
            sub: text("sub")
                .filter(|sub| !sub.is_empty())
                .ok_or(NotAuthenticated)?
                .to_owned(),
            from: seconds("nbf").transpose()?,
            until: seconds("exp").ok_or(NotAuthenticated)??,
            claims,
        })
    }
}

impl Key {
    /// A public key for signatures; a secret one is none, for whoever reads the set could sign with it.
    fn new(jwk: Jwk) -> Option<Self> {
        if jwk
            .common
            .public_key_use
            .as_ref()
            .is_some_and(|of| *of != PublicKeyUse::Signature)
        {
            return None;
        }
        let usual = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => Algorithm::ES384,
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
            _ => return None,
        };
        let algorithm = match jwk.common.key_algorithm {
            Some(named) => Algorithm::from_str(&named.to_string()).ok()?,
            None => usual,
        };
        Some(Self {
            decoding: DecodingKey::from_jwk(&jwk).ok()?,
            id: jwk.common.key_id,
            algorithm,
        })
    }
}

//! Access tokens: short-lived JWTs, HS256 with the configured secret.

use super::known::{Known, Vouched};
use super::{Authenticator, JwtSecret, NotAuthenticated, jwt};
use async_trait::async_trait;
use evently_core::Timestamp;
use evently_core::domain::{Caller, Role, UserId};
use http::{HeaderMap, header};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, encode};
use serde::{Deserialize, Serialize, Serializer};
use std::{fmt, time::Duration};

/// How long an access token is good for.
pub(crate) const ACCESS_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// `iss` and `aud` of every token.
const EVENTLY: &str = "evently";
/// `typ` of access tokens: no other kind of token with the same secret may pass for one.
const ACCESS: &str = "access";

/// Makes and checks access tokens.
#[derive(Clone)]
pub(crate) struct AccessTokens {
    header: Header,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    known: Known,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    role: Role,
    typ: String,
    iss: String,
    #[serde(skip_deserializing)]
    aud: &'static str,
    /// Seconds since 1970; a fraction is allowed (RFC 7519), but not written.
    #[serde(serialize_with = "whole_seconds")]
    iat: f64,
    #[serde(serialize_with = "whole_seconds")]
    exp: f64,
    /// Before this the token is not good yet; others' tokens may have it.
    #[serde(skip_serializing)]
    nbf: Option<f64>,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "seconds made here are whole and of our age"
)]
fn whole_seconds<S: Serializer>(seconds: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(*seconds as i64)
}

impl AccessTokens {
    pub(crate) fn new(secret: &JwtSecret) -> Self {
        Self {
            header: Header::new(Algorithm::HS256),
            encoding: EncodingKey::from_secret(secret.bytes()),
            decoding: DecodingKey::from_secret(secret.bytes()),
            validation: jwt::validation(Algorithm::HS256, EVENTLY, EVENTLY),
            known: Known::new(),
        }
    }

    /// A token for a caller, from now on; `None` if it cannot be signed, which does not happen.
    pub(crate) fn issue(&self, caller: &Caller, now: Timestamp) -> Option<String> {
        let claims = Claims {
            sub: caller.user_id.to_string(),
            role: caller.role,
            typ: ACCESS.to_owned(),
            iss: EVENTLY.to_owned(),
            aud: EVENTLY,
            iat: now.as_second() as f64,
            exp: (now + ACCESS_LIFETIME).as_second() as f64,
            nbf: None,
        };
        encode(&self.header, &claims, &self.encoding).ok()
    }

    /// Whom a token vouches for at `now`. A token that verifies is trusted for its user and role.
    pub(crate) fn check(&self, token: &str, now: Timestamp) -> Result<Caller, NotAuthenticated> {
        self.known.caller(token, now, || self.verify(token))
    }

    /// What a token of ours says, whenever it is good.
    fn verify(&self, token: &str) -> Result<Vouched, NotAuthenticated> {
        let claims: Claims = jwt::claims(token, &self.decoding, &self.validation)?;
        if claims.typ != ACCESS || claims.iss != EVENTLY {
            return Err(NotAuthenticated);
        }
        Ok(Vouched {
            caller: Caller {
                user_id: claims.sub.parse::<UserId>().map_err(|_| NotAuthenticated)?,
                role: claims.role,
            },
            from: claims.nbf,
            until: claims.exp,
        })
    }
}

impl AccessTokens {
    /// Whom the request's bearer token vouches for; `None` without one.
    pub(crate) fn caller(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Option<Caller>, NotAuthenticated> {
        bearer(headers)?.map(|token| self.check(token, now)).transpose()
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokens(…)")
    }
}

#[async_trait]
impl Authenticator for AccessTokens {
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Option<Caller>, NotAuthenticated> {
        self.caller(headers, now)
    }
}

/// The token of the request's one `Authorization` header; `None` where there is no such header.
///
/// # Errors
/// [`NotAuthenticated`]: there are several, or it has another scheme or form.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, NotAuthenticated> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(NotAuthenticated);
    }
    let text = value.to_str().map_err(|_| NotAuthenticated)?;
    let (scheme, token) = text.split_once(' ').ok_or(NotAuthenticated)?;
    let token = token.trim_matches(' ');
    let is_one_word = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    if scheme.eq_ignore_ascii_case("bearer") && is_one_word {
        Ok(Some(token))
    } else {
        Err(NotAuthenticated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use http::HeaderValue;
    use serde_json::{Value, json};

    const SECRET: &[u8] = b"0af38e2c7b1d4965a0af38e2c7b1d496";
    const USER: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn now() -> Timestamp {
        "2030-06-01T12:00:00Z".parse().unwrap()
    }

    fn tokens() -> AccessTokens {
        AccessTokens::new(&JwtSecret::new(SECRET).unwrap())
    }

    fn good() -> Value {
        let now = now().as_second();
        json!({"sub": USER, "role": "user", "typ": "access", "iss": "evently", "aud": "evently", "iat": now, "exp": now + 900})
    }

    fn signed(header: Header, claims: &Value, secret: &[u8]) -> String {
        encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    fn check(claims: &Value) -> bool {
        tokens()
            .check(&signed(Header::default(), claims, SECRET), now())
            .is_ok()
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    #[test]
    fn a_token_made_here_is_good_for_fifteen_minutes() {
        let caller = Caller::admin(USER.parse().unwrap());
        let token = tokens().issue(&caller, now()).unwrap();
        let at = |seconds| tokens().check(&token, now() + Duration::from_secs(seconds));
        assert_eq!(at(0), Ok(caller));
        assert_eq!(at(899), Ok(caller));
        assert_eq!(at(900), Err(NotAuthenticated));
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let issued = now().as_second();
        assert_eq!(
            (&claims["iat"], &claims["exp"]),
            (&json!(issued), &json!(issued + 900))
        );
    }

    #[test]
    fn every_claim_is_required_and_has_its_type() {
        assert!(check(&good()));
        for name in ["sub", "role", "typ", "iss", "aud", "iat", "exp"] {
            let mut claims = good();
            claims.as_object_mut().unwrap().remove(name);
            assert!(!check(&claims), "without {name}");
            for value in [
                json!(null),
                json!(true),
                json!({}),
                json!([]),
                json!("x"),
                json!(-1),
            ] {
                // A time of issue in the past is fine, however far.
                assert_eq!(
                    check(&with(name, value.clone())),
                    name == "iat" && value == json!(-1),
                    "{name}: {value}"
                );
            }
        }
        for (name, value) in [
            ("exp", json!("4102444800")),
            ("exp", json!(now().as_second())),
            ("typ", json!("refresh")),
            ("typ", json!("Access")),
            ("iss", json!("evently2")),
            ("iss", json!(["evently"])),
            ("aud", json!("other")),
            ("aud", json!(["other"])),
            ("role", json!("root")),
            ("role", json!("Admin")),
            ("sub", json!("01890a5dac96774bbcceb302099a8057")),
        ] {
            assert!(!check(&with(name, value.clone())), "{name}: {value}");
        }
        assert!(check(&with("aud", json!(["other", "evently"]))));
        assert!(check(&with("exp", json!(now().as_second() as f64 + 0.5))));
        assert!(check(&with("extra", json!({"role": "admin"}))));
        assert!(check(&with("nbf", json!(now().as_second()))));
        assert!(!check(&with("nbf", json!(now().as_second() + 1))));
        assert!(!check(&with("nbf", json!("0"))));
    }

    #[test]
    fn only_hs256_with_the_secret_signs() {
        let hs384 = Header::new(Algorithm::HS384);
        assert!(tokens().check(&signed(hs384, &good(), SECRET), now()).is_err());
        let critical = Header {
            crit: Some(vec!["exp".to_owned()]),
            ..Header::default()
        };
        assert!(tokens().check(&signed(critical, &good(), SECRET), now()).is_err());
        assert!(
            tokens()
                .check(&signed(Header::default(), &good(), b"another"), now())
                .is_err()
        );
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let good = signed(Header::default(), &good(), SECRET);
        let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else {
            panic!("a token has three parts");
        };
        let forged = part(
            &json!({"sub": USER, "role": "admin", "typ": "access", "iss": "evently", "aud": "evently", "iat": 0, "exp": 4102444800u64}),
        );
        for token in [
            format!("{}.{claims}.", part(&json!({"alg": "none", "typ": "JWT"}))),
            format!("{}.{claims}.{signature}", part(&json!({"alg": "none"}))),
            format!(
                "{}.{claims}.{signature}",
                part(&json!({"alg": "RS256", "typ": "JWT"}))
            ),
            format!(
                "{}.{claims}.{signature}",
                part(&json!({"alg": "hs256", "typ": "JWT"}))
            ),
            format!("{header}.{forged}.{signature}"),
            format!("{header}.{claims}"),
            format!("{header}.{claims}."),
            format!("{header}.{claims}.{signature}."),
            format!("{header}.{claims}.{signature}="),
            format!(".{claims}.{signature}"),
            "..".to_owned(),
            String::new(),
            "x".repeat(60_000),
        ] {
            assert!(tokens().check(&token, now()).is_err(), "{token}");
        }
    }

    #[test]
    fn a_claim_twice_is_no_claim() {
        let payload = format!(
            r#"{{"sub":"{USER}","role":"user","role":"admin","typ":"access","iss":"evently","aud":"evently","iat":0,"exp":4102444800}}"#
        );
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#),
            URL_SAFE_NO_PAD.encode(payload)
        );
        let key = EncodingKey::from_secret(SECRET);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        assert!(tokens().check(&format!("{message}.{signature}"), now()).is_err());
    }

    #[test]
    fn one_bearer_header_of_any_case() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
            }
            bearer(&headers).map(|token| token.map(str::to_owned))
        };
        assert_eq!(of(&[]), Ok(None));
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c"] {
            assert_eq!(of(&[value]), Ok(Some("a.b.c".to_owned())), "{value}");
        }
        for values in [
            &["Bearer a", "Bearer a"][..],
            &["Bearer"],
            &["Bearer "],
            &["Basic a"],
            &["a.b.c"],
            &[""],
            &["Bearer a, Bearer b"],
            &["Bearer a b"],
            &["Bearer\ta"],
        ] {
            assert_eq!(of(values), Err(NotAuthenticated), "{values:?}");
        }
    }
}

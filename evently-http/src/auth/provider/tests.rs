use super::*;
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use http::{HeaderValue, header::AUTHORIZATION};
use jsonwebtoken::{
    Algorithm, EncodingKey, encode,
    jwk::{Jwk, PublicKeyUse},
};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

const ISSUER: &str = "https://id.example.org";
const AUDIENCE: &str = "box-office";
const USER: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// A key of the provider.
struct Signer {
    id: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Signer {
    fn new(id: &'static str, algorithm: Algorithm) -> Self {
        let random = SystemRandom::new();
        let key = match algorithm {
            Algorithm::ES256 => {
                let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
                EncodingKey::from_ec_der(der.as_ref())
            }
            Algorithm::EdDSA => {
                let der = Ed25519KeyPair::generate_pkcs8v1(&random).unwrap();
                EncodingKey::from_ed_der(der.as_ref())
            }
            _ => {
                let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
                let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
                // The key itself (PKCS #1) follows 26 bytes that say that it is an RSA key of this length.
                EncodingKey::from_rsa_der(&der.as_ref()[26..])
            }
        };
        Self { id, algorithm, key }
    }

    fn public(&self) -> Jwk {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.id.to_owned());
        jwk
    }

    fn token(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.to_owned());
        encode(&header, claims, &self.key).unwrap()
    }
}

fn document(keys: &[Jwk]) -> String {
    json!({"keys": keys}).to_string()
}

fn now() -> Timestamp {
    "2030-06-01T12:00:00Z".parse().unwrap()
}

fn good() -> Value {
    json!({"sub": USER, "iss": ISSUER, "aud": AUDIENCE, "exp": now().as_second() + 60})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

async fn provider(keys: &[Jwk]) -> Result<IdentityProvider, UnusableKeys> {
    let document = document(keys);
    IdentityProvider::open(ISSUER, AUDIENCE, move || {
        let document = document.clone();
        async { Ok::<_, FetchError>(document) }
    })
    .await
}

async fn provider_of(signer: &Signer) -> IdentityProvider {
    provider(&[signer.public()]).await.unwrap()
}

async fn ask(
    provider: &IdentityProvider,
    token: &str,
    now: Timestamp,
) -> Result<Option<Caller>, NotAuthenticated> {
    let value = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
    provider.authenticate(&headers, now).await
}

#[tokio::test]
async fn tokens_of_the_providers_keys_are_good_for_their_time() {
    let user = Caller::user(USER.parse().unwrap());
    for algorithm in [
        Algorithm::ES256,
        Algorithm::EdDSA,
        Algorithm::RS256,
        Algorithm::PS384,
    ] {
        let signer = Signer::new("one", algorithm);
        let provider = provider_of(&signer).await;
        let token = signer.token(&good());
        for _ in 0..2 {
            assert_eq!(
                ask(&provider, &token, now()).await,
                Ok(Some(user)),
                "{algorithm:?}"
            );
            let at_end = now() + Duration::from_secs(60);
            assert_eq!(ask(&provider, &token, at_end).await, Err(NotAuthenticated));
        }
        let later = signer.token(&with("nbf", json!(now().as_second() + 1)));
        assert_eq!(ask(&provider, &later, now()).await, Err(NotAuthenticated));
        let second = now() + Duration::from_secs(1);
        assert_eq!(ask(&provider, &later, second).await, Ok(Some(user)));
        assert_eq!(provider.authenticate(&HeaderMap::new(), now()).await, Ok(None));
    }
}

#[tokio::test]
async fn what_is_not_for_us_or_not_of_the_provider_is_bad() {
    let signer = Signer::new("one", Algorithm::ES256);
    let provider = provider_of(&signer).await;
    let bad = async |token: &str| {
        assert_eq!(
            ask(&provider, token, now()).await,
            Err(NotAuthenticated),
            "{token}"
        )
    };
    for name in ["sub", "iss", "aud", "exp"] {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);
        bad(&signer.token(&claims)).await;
        for value in [
            json!(null),
            json!([]),
            json!({}),
            json!(""),
            json!(-1),
            json!("x"),
        ] {
            if (name, &value) != ("sub", &json!("x")) {
                bad(&signer.token(&with(name, value))).await;
            }
        }
    }
    bad(&signer.token(&with("iss", json!([ISSUER])))).await;
    bad(&signer.token(&with("nbf", json!("soon")))).await;
    bad(&Signer::new("one", Algorithm::ES256).token(&good())).await;
    bad(&Signer::new("two", Algorithm::ES256).token(&good())).await;
    bad("a.b.c").await;
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("one".to_owned());
    header.crit = Some(vec!["exp".to_owned()]);
    bad(&encode(&header, &good(), &signer.key).unwrap()).await;
    // The public key as a shared secret: the algorithm is the key's, not the token's to choose.
    let public = serde_json::to_vec(&signer.public()).unwrap();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("one".to_owned());
    bad(&encode(&header, &good(), &EncodingKey::from_secret(&public)).unwrap()).await;
    let several = signer.token(&with("aud", json!(["shop", AUDIENCE])));
    assert!(ask(&provider, &several, now()).await.is_ok());
}

#[tokio::test]
async fn a_token_without_a_key_id_is_good_where_there_is_one_key() {
    let (one, two) = (
        Signer::new("one", Algorithm::ES256),
        Signer::new("two", Algorithm::ES256),
    );
    let nameless = encode(&Header::new(Algorithm::ES256), &good(), &one.key).unwrap();
    let alone = provider(&[one.public()]).await.unwrap();
    assert!(ask(&alone, &nameless, now()).await.is_ok());
    let both = provider(&[one.public(), two.public()]).await.unwrap();
    assert_eq!(ask(&both, &nameless, now()).await, Err(NotAuthenticated));
    assert!(ask(&both, &two.token(&good()), now()).await.is_ok());
}

#[tokio::test]
async fn callers_are_the_embedders_to_tell() {
    let signer = Signer::new("one", Algorithm::EdDSA);
    let provider = provider_of(&signer).await;
    let stranger = signer.token(&with("sub", json!("google|117")));
    let id = provider.user("google|117");
    assert_eq!(ask(&provider, &stranger, now()).await, Ok(Some(Caller::user(id))));
    assert_eq!(id.uuid().get_version_num(), 5);
    assert_ne!(id, provider.user("google|118"));
    let provider = provider_of(&signer)
        .await
        .callers(|id, claims| match claims.get("role")?.as_str()? {
            "staff" => Some(Caller::admin(id)),
            "guest" => Some(Caller::user(id)),
            _ => None,
        });
    let of = async |role: &str| ask(&provider, &signer.token(&with("role", json!(role))), now()).await;
    let user = USER.parse().unwrap();
    assert_eq!(of("staff").await, Ok(Some(Caller::admin(user))));
    assert_eq!(of("guest").await, Ok(Some(Caller::user(user))));
    assert_eq!(of("robot").await, Err(NotAuthenticated));
    assert_eq!(ask(&provider, &stranger, now()).await, Err(NotAuthenticated));
}

#[tokio::test(start_paused = true)]
async fn keys_are_renewed_when_one_is_unknown_and_when_they_are_old() {
    let (old, new) = (
        Signer::new("old", Algorithm::ES256),
        Signer::new("new", Algorithm::ES256),
    );
    let published = Arc::new(RwLock::new(document(&[old.public()])));
    let fetches = Arc::new(AtomicUsize::new(0));
    let fetch = {
        let (published, fetches) = (published.clone(), fetches.clone());
        move || {
            fetches.fetch_add(1, Ordering::Relaxed);
            let document = published.read().clone();
            async move {
                Some(document)
                    .filter(|it| !it.is_empty())
                    .ok_or("the provider is away")
            }
        }
    };
    let provider = IdentityProvider::open(ISSUER, AUDIENCE, fetch).await.unwrap();
    let is_good = async |signer: &Signer| ask(&provider, &signer.token(&good()), now()).await.is_ok();
    assert!(is_good(&old).await);
    *published.write() = document(&[new.public()]);
    // A new key is seen soon, but unknown ones do not make us ask all the time.
    assert!(!is_good(&new).await);
    assert_eq!(fetches.load(Ordering::Relaxed), 1);
    tokio::time::advance(IdentityProvider::FETCH_INTERVAL).await;
    assert!(is_good(&old).await, "what is known is not asked for again");
    assert!(is_good(&new).await);
    assert!(!is_good(&old).await, "withdrawn, and not remembered");
    assert_eq!(fetches.load(Ordering::Relaxed), 2);
    // Old keys are used while the provider is away.
    published.write().clear();
    tokio::time::advance(IdentityProvider::KEYS_LIFETIME).await;
    assert!(is_good(&new).await);
    assert!(is_good(&new).await);
    assert_eq!(fetches.load(Ordering::Relaxed), 3);
    *published.write() = document(&[old.public()]);
    tokio::time::advance(IdentityProvider::FETCH_INTERVAL).await;
    assert!(!is_good(&new).await);
    assert!(is_good(&old).await);
}

#[tokio::test(start_paused = true)]
async fn useless_keys_are_refused_at_the_start() {
    let open = async |document: &'static str| {
        let opened = IdentityProvider::open(ISSUER, AUDIENCE, move || async move {
            Ok::<_, FetchError>(document.to_owned())
        });
        opened.await.unwrap_err()
    };
    assert!(matches!(open("<html>").await, UnusableKeys::Malformed(_)));
    assert!(matches!(open("{}").await, UnusableKeys::Malformed(_)));
    for document in [
        r#"{"keys": []}"#,
        r#"{"keys": [{"kty": "oct", "kid": "one", "alg": "HS256", "k": "c2VjcmV0"}]}"#,
        r#"{"keys": [{"kty": "new", "kid": "one"}]}"#,
    ] {
        assert!(matches!(open(document).await, UnusableKeys::Empty), "{document}");
    }
    let mut for_encryption = Signer::new("one", Algorithm::ES256).public();
    for_encryption.common.public_key_use = Some(PublicKeyUse::Encryption);
    assert!(matches!(
        provider(&[for_encryption]).await,
        Err(UnusableKeys::Empty)
    ));
    let away = IdentityProvider::open(ISSUER, AUDIENCE, || async { Err::<String, _>("away") }).await;
    assert!(matches!(away, Err(UnusableKeys::Fetch(_))));
    let silent = IdentityProvider::open(
        ISSUER,
        AUDIENCE,
        std::future::pending::<Result<String, FetchError>>,
    )
    .await;
    assert!(matches!(silent, Err(UnusableKeys::Late)));
}

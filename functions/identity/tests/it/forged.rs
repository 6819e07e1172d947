//! Twenty-five ways to forge a token, each refused in the words that clients know.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use testkit::World;

use crate::someone;

/// A token taken apart, and the key it was signed with.
struct Forger {
    header: Value,
    claims: Value,
    key: EncodingKey,
    stranger: EncodingKey,
}

impl Forger {
    fn new(world: &World, token: &str) -> Self {
        let part = |n: usize| -> Value {
            let text = token.split('.').nth(n).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
        };
        let keys = world.whole.cloud.parameters.get("/mercato/local/identity/signing-keys").unwrap();
        let keys: Value = serde_json::from_str(&keys).unwrap();
        let key = |signing: &Value| {
            EncodingKey::from_ed_der(&STANDARD.decode(signing["pkcs8"].as_str().unwrap()).unwrap())
        };
        let (stranger, _) = local::secrets::signing_key("local-1").unwrap();
        Self { header: part(0), claims: part(1), key: key(&keys[0]), stranger: key(&stranger) }
    }

    /// The token with these members changed, signed with our own key: null takes a member away.
    fn ours(&self, header: &Value, claims: &Value) -> String {
        signed(&merged(&self.header, header), &merged(&self.claims, claims), &self.key)
    }

    fn claim(&self, claims: &Value) -> String {
        self.ours(&json!({}), claims)
    }

    fn head(&self, header: &Value) -> String {
        self.ours(header, &json!({}))
    }
}

fn merged(base: &Value, changes: &Value) -> Value {
    let mut all = base.as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() { drop(all.remove(name)) } else { drop(all.insert(name.clone(), value.clone())) }
    }
    Value::Object(all)
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// A token of this header and these claims.
pub(crate) fn signed(header: &Value, claims: &Value, key: &EncodingKey) -> String {
    let message = unsigned(header, claims);
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), key, jsonwebtoken::Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let forger = Forger::new(&world, &rina.access);
    let now = world.clock.now().seconds();
    let public = world.whole.cloud.parameters.get("/mercato/local/shared/jwks").unwrap();
    let public: Value = serde_json::from_str(&public).unwrap();
    let hmac = {
        let header = merged(&forger.header, &json!({ "alg": "HS256" }));
        let message = unsigned(&header, &forger.claims);
        // The public key as an HMAC secret: the classic confusion.
        let secret = URL_SAFE_NO_PAD.decode(public["keys"][0]["x"].as_str().unwrap()).unwrap();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(ring::hmac::sign(&key, message.as_bytes())))
    };
    let none = merged(&forger.header, &json!({ "alg": "none" }));
    let (message, signature) = rina.access.rsplit_once('.').unwrap();
    let forged = [
        ("no algorithm", format!("{}.", unsigned(&none, &forger.claims))),
        ("no algorithm, old signature", format!("{}.{signature}", unsigned(&none, &forger.claims))),
        ("the public key as a secret", hmac),
        ("another algorithm's name", forger.head(&json!({ "alg": "ES256" }))),
        ("no signature", format!("{message}.")),
        ("half a signature", format!("{message}.{}", &signature[..signature.len() / 2])),
        ("a stranger's signature", signed(&forger.header, &forger.claims, &forger.stranger)),
        ("no key named", forger.head(&json!({ "kid": null }))),
        ("an unknown key named", forger.head(&json!({ "kid": "local-9" }))),
        ("a path for a key", forger.head(&json!({ "kid": "../../dev/null" }))),
        ("a key set from elsewhere", forger.head(&json!({ "jku": "https://evil.test/jwks.json" }))),
        ("a key brought along", forger.head(&json!({ "jwk": public["keys"][0] }))),
        ("a certificate from elsewhere", forger.head(&json!({ "x5u": "https://evil.test/x.pem" }))),
        ("another type", forger.head(&json!({ "typ": "at+jwt" }))),
        ("something critical", forger.head(&json!({ "crit": ["exp"] }))),
        ("an end in the past", forger.claim(&json!({ "exp": now - 31 }))),
        ("no end", forger.claim(&json!({ "exp": null }))),
        ("an end in words", forger.claim(&json!({ "exp": "never" }))),
        ("from the future", forger.claim(&json!({ "iat": now + 31 }))),
        ("another issuer", forger.claim(&json!({ "iss": "mercato-prod" }))),
        ("another audience", forger.claim(&json!({ "aud": "elsewhere" }))),
        ("another kind", forger.claim(&json!({ "token_type": "refresh" }))),
        ("no kind", forger.claim(&json!({ "token_type": null }))),
        ("two subjects", forger.claim(&json!({ "sub": "1" }))),
        ("no identity", forger.claim(&json!({ "jti": "" }))),
        ("a later version", forger.claim(&json!({ "ver": 1 }))),
        ("somebody who is not there", forger.claim(&json!({ "user_id": 1, "sub": "1" }))),
        ("no token at all", "not-a-token".to_owned()),
    ];
    assert!(forged.len() >= 25);
    let expected = json!({
        "detail": "Given token not valid for any token type",
        "code": "token_not_valid",
        "messages": [{ "token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired" }],
    });
    for (what, token) in forged {
        let answer = world.get("/api/auth/me/").bearer(&token).send().await;
        assert_eq!((answer.status.as_u16(), &answer.json), (401, &expected), "{what}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"", "{what}");
    }
    // The forger's tools are sharp: what is not changed is believed.
    world.get("/api/auth/me/").bearer(&forger.claim(&json!({}))).send().await.expect(200);
    world.get("/api/auth/me/").bearer(&forger.claim(&json!({ "exp": now - 29 }))).send().await.expect(200);
}

#[tokio::test]
async fn roles_in_a_token_are_believed_only_as_far_as_the_live_record_agrees() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let forger = Forger::new(&world, &rina.access);
    let stale = forger.claim(&json!({ "roles": { "platform": "admin" } }));
    world.get("/api/auth/users/").bearer(&stale).send().await.expect(403);
}

#[tokio::test]
async fn no_credentials_are_another_answer_than_bad_ones() {
    let world = World::new().await;
    let answer = world.get("/api/auth/me/").send().await.expect(401);
    assert_eq!(answer.json, json!({ "detail": "Authentication credentials were not provided." }));
    world.get("/api/auth/me/").header("authorization", "Basic cmluYTp4").send().await.expect(401);
    world.get("/api/auth/.well-known/jwks.json").bearer("bad").send().await.expect(200);
}

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use testkit::World;

use crate::forged::signed;
use crate::{PASSWORD, login, part, someone};

#[tokio::test]
async fn the_public_keys_are_published_and_the_private_are_not() {
    let world = World::new().await;
    let answer = world.get("/api/auth/.well-known/jwks.json").send().await.expect(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let key = &answer.json["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA")));
    assert!(key.get("d").is_none());
}

/// The order of a rotation: publish the new key, wait until everybody has it, sign with it, then forget the old.
#[tokio::test]
async fn keys_rotate_under_load_without_a_single_refusal() {
    let world = World::new().await;
    let parameters = &world.whole.cloud.parameters;
    let put = |name: &str, value: &Value| {
        parameters.put(&format!("/mercato/local/{name}"), &value.to_string(), true)
    };
    let read = |name: &str| -> Value {
        serde_json::from_str(&parameters.get(&format!("/mercato/local/{name}")).unwrap()).unwrap()
    };
    let (old_signing, old_public) =
        (read("identity/signing-keys")[0].clone(), read("shared/jwks")["keys"][0].clone());
    let (new_signing, new_public) = local::secrets::signing_key("local-2").unwrap();

    let rina = someone(&world, "rina").await;
    put("shared/jwks", &json!({ "keys": [old_public, new_public] })).unwrap();
    world.clock.advance(Duration::from_mins(5));
    world.get("/api/auth/me/").bearer(&rina.access).send().await.expect(200);
    put("identity/signing-keys", &json!([new_signing, old_signing])).unwrap();
    world.clock.advance(Duration::from_mins(5));
    let newer = world.signed_in("rina").await;
    assert_ne!(header(&newer.access)["kid"], header(&rina.access)["kid"]);
    for token in [&rina.access, &newer.access] {
        world.get("/api/auth/me/").bearer(token).send().await.expect(200);
    }
    put("shared/jwks", &json!({ "keys": [new_public] })).unwrap();
    world.clock.advance(Duration::from_mins(5));
    world.get("/api/auth/me/").bearer(&rina.access).send().await.expect(401);
    world.get("/api/auth/me/").bearer(&newer.access).send().await.expect(200);
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_asked_for_by_the_minute() {
    let world = World::new().await;
    let put = |value: &str| {
        world.whole.cloud.parameters.put("/mercato/local/identity/signing-keys", value, true).unwrap();
    };
    let rina = someone(&world, "rina").await;
    let sign_in = || async { login(&world, "rina", PASSWORD).await.expect(200).text_at("access") };
    put("not keys");
    world.clock.advance(Duration::from_mins(5));
    assert_eq!(header(&sign_in().await), header(&rina.access));
    let (newer, _) = local::secrets::signing_key("local-2").unwrap();
    put(&json!([newer]).to_string());
    assert_eq!(header(&sign_in().await), header(&rina.access), "not asked again at once");
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(header(&sign_in().await)["kid"], "local-2");
}

#[tokio::test]
async fn a_key_that_is_not_known_is_asked_for_at_once_and_then_by_the_minute() {
    let world = World::new().await;
    let rina = someone(&world, "rina").await;
    let parameters = &world.whole.cloud.parameters;
    let old: Value = serde_json::from_str(&parameters.get("/mercato/local/shared/jwks").unwrap()).unwrap();
    let mut keys = vec![old["keys"][0].clone()];
    // A key comes to be published, and somebody shows a token by it.
    let mut publish = |kid: &str| {
        let (signing, public) = local::secrets::signing_key(kid).unwrap();
        keys.push(public);
        parameters.put("/mercato/local/shared/jwks", &json!({ "keys": keys }).to_string(), true).unwrap();
        let der = STANDARD.decode(signing["pkcs8"].as_str().unwrap()).unwrap();
        let mut header = header(&rina.access);
        header["kid"] = json!(kid);
        signed(&header, &part(&rina.access, 1), &EncodingKey::from_ed_der(&der))
    };
    let look = async |token: &str, status: u16| {
        world.get("/api/auth/me/").bearer(token).send().await.expect(status);
    };
    world.clock.advance(Duration::from_mins(1));
    let second = publish("local-2");
    look(&second, 200).await;
    let third = publish("local-3");
    look(&third, 401).await;
    look(&rina.access, 200).await;
    world.clock.advance(Duration::from_secs(59));
    look(&third, 401).await;
    world.clock.advance(Duration::from_secs(1));
    look(&third, 200).await;
}

fn header(token: &str) -> Value {
    part(token, 0)
}

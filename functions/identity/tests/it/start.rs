use testkit::World;

#[tokio::test]
async fn without_any_of_its_secrets_identity_does_not_start() {
    let world = World::new().await;
    let (whole, parameters) = (&world.whole, &world.whole.cloud.parameters);
    for name in ["shared/jwks", "shared/cursor-key", "identity/signing-keys", "identity/pepper"] {
        let path = format!("/mercato/local/{name}");
        let value = parameters.get(&path).unwrap();
        // Unreadable for one, and too short for the other.
        parameters.put(&path, "c2hvcnQ=", true).unwrap();
        assert!(whole.boot("identity-http", &[]).await.is_err(), "it starts without {name}");
        parameters.put(&path, &value, true).unwrap();
    }
    assert!(whole.boot("identity-http", &[]).await.is_ok());
}

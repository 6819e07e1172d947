//! The parameter store.

use aws_sdk_ssm::error::ProvideErrorMetadata;
use aws_sdk_ssm::types::ParameterType;

use crate::world::World;

#[tokio::test]
async fn parameters_are_put_read_and_overwritten_on_demand_only() {
    let world = World::new();
    let client = world.ssm("f");
    let put = |value: &str| {
        client.put_parameter().name("/m/dev/pepper").value(value).r#type(ParameterType::SecureString)
    };
    assert_eq!(put("one").send().await.unwrap().version(), 1);
    let refused = put("two").send().await.unwrap_err().into_service_error();
    assert!(refused.is_parameter_already_exists());
    assert_eq!(put("two").overwrite(true).send().await.unwrap().version(), 2);
    assert_eq!(world.cloud.parameters.get("/m/dev/pepper").as_deref(), Some("two"));

    let get = |decrypt: bool| client.get_parameter().name("/m/dev/pepper").with_decryption(decrypt).send();
    let read = get(true).await.unwrap().parameter.unwrap();
    assert_eq!((read.value(), read.version()), (Some("two"), 2));
    assert_eq!(read.r#type(), Some(&ParameterType::SecureString));
    let sealed = get(false).await.unwrap().parameter.unwrap();
    assert_ne!(sealed.value(), Some("two"));
    let unknown = client.get_parameter().name("/m/dev/none").send().await.unwrap_err().into_service_error();
    assert!(unknown.is_parameter_not_found());
}

#[tokio::test]
async fn a_path_is_read_page_by_page() {
    let world = World::new();
    for name in ["/m/dev/a", "/m/dev/b", "/m/dev/c", "/m/dev/deep/d", "/m/development/e"] {
        world.cloud.parameters.put(name, name, false).unwrap();
    }
    let client = world.ssm("f");
    let page = |token: Option<String>| {
        client.get_parameters_by_path().path("/m/dev").max_results(2).set_next_token(token).send()
    };
    let first = page(None).await.unwrap();
    let second = page(first.next_token.clone()).await.unwrap();
    let names: Vec<_> = first
        .parameters()
        .iter()
        .chain(second.parameters())
        .filter_map(|parameter| parameter.name())
        .collect();
    assert_eq!(names, ["/m/dev/a", "/m/dev/b", "/m/dev/c"]);
    assert_eq!(second.next_token(), None);
    let deep = client.get_parameters_by_path().path("/m/dev/").recursive(true).send().await.unwrap();
    assert_eq!(deep.parameters().len(), 4);
}

#[tokio::test]
async fn some_are_read_at_once_but_not_more_than_ten() {
    let world = World::new();
    for name in ["/m/dev/plain", "/m/dev/secret"] {
        world.cloud.parameters.put(name, name, name.ends_with("secret")).unwrap();
    }
    let client = world.ssm("f");
    let get = |names: &[&str]| {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        client.get_parameters().set_names(Some(names)).with_decryption(true).send()
    };
    let some = get(&["/m/dev/secret", "/m/none", "/m/dev/plain"]).await.unwrap();
    let mut values: Vec<_> = some.parameters().iter().filter_map(|parameter| parameter.value()).collect();
    values.sort_unstable();
    assert_eq!(values, ["/m/dev/plain", "/m/dev/secret"]);
    assert_eq!(some.invalid_parameters(), ["/m/none"]);
    for many in [&["/m/dev/plain"; 11][..], &[]] {
        assert_eq!(get(many).await.unwrap_err().code(), Some("ValidationException"));
    }
}

//! The update of a stack from the template of the last release.

use std::{net::TcpListener, path::Path};

use anyhow::ensure;
use integration_tests::{
    images,
    stack::{dynamodb, eventually},
    user::TestUser,
};
use local::{
    stack::{Stack, StackOptions},
    users::User,
    workspace::workspace,
};

/// The template of the last release.
const PREVIOUS: &str = "infra/releases/previous.yaml";

/// Returns a free port below those that the kernel gives to connections: a kept state is bound to
/// its ports, and no other process may take them between the two starts.
fn free_port(range: std::ops::Range<u16>) -> Option<u16> {
    range
        .into_iter()
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
}

fn options(data: &Path, ports: [Option<u16>; 2], is_previous: bool) -> StackOptions {
    let [api_port, fakecloud_port] = ports;
    StackOptions {
        api_port,
        fakecloud_port,
        data: Some(data.to_owned()),
        template: is_previous.then(|| workspace().join(PREVIOUS)),
        ..StackOptions::default()
    }
}

/// Names of the resources that hold data.
fn holders(stack: &Stack) -> [String; 4] {
    let outputs = stack.outputs();
    [
        &outputs.bucket_name,
        &outputs.table_name,
        &outputs.user_pool_id,
        &outputs.identity_pool_id,
    ]
    .map(Clone::clone)
}

async fn objects(stack: &Stack) -> anyhow::Result<Vec<String>> {
    let listing = stack.s3().list_objects_v2();
    let listing = listing.bucket(&stack.outputs().bucket_name).send().await?;
    let keys = listing.contents().iter().filter_map(|object| object.key());
    Ok(keys.map(str::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn users_images_and_records_survive_an_update_from_the_last_release() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let ports = [free_port(18_100..18_200), free_port(18_200..18_300)];

    let before = Stack::start(options(data.path(), ports, true)).await?;
    let alice = TestUser::of(&before, before.create_user("alice").await?).await?;
    let identity = alice.own().await?.identity;
    let key = format!("original-files/dev/{identity}/0190a5d0-7bcd-7abc-8def-0123456789ab.jpg");
    let put = before.s3().put_object().key(&key);
    put.bucket(&before.outputs().bucket_name)
        .body(images::jpeg(64, 64).into())
        .send()
        .await?;
    let item = [
        ("identityId", identity.as_str()),
        ("imageId", "0190a5d0-7bcd-7abc-8def-0123456789ac"),
        ("caption", "low tide"),
    ];
    let item = item.map(|(name, value)| {
        let value = integration_tests::denial::text(value);
        (name.to_owned(), value)
    });
    dynamodb(&before)
        .put_item()
        .table_name(&before.outputs().table_name)
        .set_item(Some(item.into()))
        .send()
        .await?;
    let resources = holders(&before);
    before.stop().await?;

    let after = Stack::start(options(data.path(), ports, false)).await?;
    assert_eq!(holders(&after), resources, "a resource was replaced");
    let alice = User {
        name: "alice".to_owned(),
        email: "alice@example.com".to_owned(),
    };
    let alice = TestUser::of(&after, alice).await?;
    assert_eq!(alice.own().await?.identity, identity);
    ensure!(
        objects(&after).await?.contains(&key),
        "the original is gone"
    );
    let captions: Vec<_> = alice
        .items()
        .await?
        .iter()
        .filter_map(|item| item["caption"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(captions, ["low tide"]);

    // The updated stack works, for the user from before.
    let alice = &alice;
    let image = alice.upload(images::jpeg(64, 64)).await?;
    let path = &format!("/images/{image}");
    eventually("a new image is ready", || async move {
        let (_, resource) = alice.get(path).await?;
        Ok((resource["status"] == "ready").then_some(()))
    })
    .await?;
    // The index was added to the table that existed.
    let (_, page) = alice.get("/images?order=taken").await?;
    let listed = page["items"].as_array().into_iter().flatten();
    let ids: Vec<_> = listed.filter_map(|one| one["imageId"].as_str()).collect();
    ensure!(ids.contains(&image.as_str()), "{page}");
    after.stop().await
}

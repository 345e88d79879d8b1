//! The bucket, with a user's own credentials.

use integration_tests::{
    call::{Call, api, s3},
    images,
    signed_client::Authorization,
};

use crate::{
    check::Check,
    found::Found,
    world::{DENIED, World, summary},
};

/// A customer's key of 256 bits, and its MD5, both in base64.
const CUSTOMER_KEY: [&str; 2] = [
    "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
    "UhbdzFjo2t5SVgded/ZC2g==",
];

const NO_SIGNATURES: &str = "the emulator does not verify signatures";

pub(super) fn checks() -> Vec<Check> {
    vec![
        // Without s3:ListBucket, S3 does not tell whether a key exists.
        Check::new("a-missing-key-of-one-s-own", DENIED, |world| {
            Box::pin(a_missing_key_of_one_s_own(world))
        }),
        Check::new("a-key-of-another-user", DENIED, |world| {
            Box::pin(a_key_of_another_user(world))
        }),
        Check::new("a-listing-of-the-bucket", DENIED, |world| {
            Box::pin(a_listing_of_the_bucket(world))
        }),
        Check::new("a-put-into-an-archive", DENIED, |world| {
            Box::pin(put(world, |call| {
                call.header("x-amz-storage-class", "GLACIER")
            }))
        }),
        Check::new("a-put-with-a-customer-s-key", DENIED, |world| {
            Box::pin(put(world, |call| {
                let [key, md5] = CUSTOMER_KEY;
                let name = "x-amz-server-side-encryption-customer";
                call.header(&format!("{name}-algorithm"), "AES256")
                    .header(&format!("{name}-key"), key)
                    .header(&format!("{name}-key-md5"), md5)
            }))
        }),
        Check::new("a-put-with-a-key-of-kms", DENIED, |world| {
            Box::pin(put(world, |call| {
                call.header("x-amz-server-side-encryption", "aws:kms")
            }))
        }),
        // s3:ObjectCreationOperation is true for whole objects, and false for parts.
        Check::new("an-upload-in-parts", DENIED, |world| {
            Box::pin(an_upload_in_parts(world))
        }),
        Check::new("a-put-under-a-foreign-name", DENIED, |world| {
            Box::pin(a_put_under_a_foreign_name(world))
        }),
        Check::new("a-copy-onto-itself", "200", |world| {
            Box::pin(a_copy_onto_itself(world))
        }),
        Check::new("a-second-put", "412 PreconditionFailed", |world| {
            Box::pin(a_second_put(world))
        }),
        Check::new("a-put-over-plain-http", DENIED, |world| {
            Box::pin(a_put_over_plain_http(world))
        }),
        // The URL's date is rounded down, to before the credentials were issued.
        Check::new("a-url-dated-before-its-credentials", "200", |world| {
            Box::pin(a_url_dated_before_its_credentials(world))
        }),
        Check::new("an-altered-url", "403 SignatureDoesNotMatch", |world| {
            Box::pin(an_altered_url(world))
        }),
        Check::new("cors-preflight-of-the-bucket", "PUT is allowed", |world| {
            Box::pin(cors_preflight_of_the_bucket(world))
        }),
    ]
}

async fn a_missing_key_of_one_s_own(world: &World) -> anyhow::Result<Found> {
    let (_, key) = world.new_key(&world.alice);
    let call = world.object("GET", &key);
    Ok(summary(&world.as_user(&world.alice, &call).await?))
}

async fn a_key_of_another_user(world: &World) -> anyhow::Result<Found> {
    let (_, key) = world.new_key(&world.bob);
    let put = world.object("PUT", &key).body(images::jpeg(64, 64));
    let written = world.as_user(&world.bob, &put).await?;
    anyhow::ensure!(written.is_success(), "{}", written.text());
    let call = world.object("GET", &key);
    Ok(summary(&world.as_user(&world.alice, &call).await?))
}

async fn a_listing_of_the_bucket(world: &World) -> anyhow::Result<Found> {
    let call = s3("GET", &format!("/{}?list-type=2", world.bucket()));
    Ok(summary(&world.as_user(&world.alice, &call).await?))
}

async fn an_upload_in_parts(world: &World) -> anyhow::Result<Found> {
    let (_, key) = world.new_key(&world.alice);
    let call = world.object("POST", &key).query("uploads=");
    Ok(summary(&world.as_user(&world.alice, &call).await?))
}

async fn a_put_under_a_foreign_name(world: &World) -> anyhow::Result<Found> {
    let (_, key) = world.new_key(&world.alice);
    let put = world.object("PUT", &format!("{key}.zip"));
    let put = put.body(images::jpeg(64, 64));
    Ok(summary(&world.as_user(&world.alice, &put).await?))
}

/// As the API's retry copies.
async fn a_copy_onto_itself(world: &World) -> anyhow::Result<Found> {
    let (_, key) = world.new_key(&world.alice);
    let put = world.object("PUT", &key).body(images::jpeg(64, 64));
    let first = world.as_user(&world.alice, &put).await?;
    anyhow::ensure!(first.is_success(), "{}", first.text());
    let copy = world
        .object("PUT", &key)
        .header("x-amz-copy-source", format!("{}/{key}", world.bucket()))
        .header("x-amz-metadata-directive", "REPLACE");
    Ok(summary(&world.as_user(&world.alice, &copy).await?))
}

async fn a_second_put(world: &World) -> anyhow::Result<Found> {
    let (_, key) = world.new_key(&world.alice);
    let put = world
        .object("PUT", &key)
        .header("if-none-match", "*")
        .body(images::jpeg(64, 64));
    let first = world.as_user(&world.alice, &put).await?;
    anyhow::ensure!(first.is_success(), "{}", first.text());
    Ok(summary(&world.as_user(&world.alice, &put).await?))
}

async fn a_put_over_plain_http(world: &World) -> anyhow::Result<Found> {
    if let Some(skipped) = world.skipped_locally("the local stack has no TLS") {
        return Ok(skipped);
    }
    let region = &world.target.outputs.region;
    let (_, key) = world.new_key(&world.alice);
    let url = format!(
        "http://s3.{region}.amazonaws.com/{}/{}",
        world.bucket(),
        integration_tests::call::encoded(&key)
    );
    Ok(summary(&world.wire.get(&url).await?))
}

async fn a_url_dated_before_its_credentials(world: &World) -> anyhow::Result<Found> {
    if let Some(skipped) = world.skipped_locally(NO_SIGNATURES) {
        return Ok(skipped);
    }
    let url = original_url(world).await?;
    Ok(summary(&world.wire.get(&url).await?))
}

async fn an_altered_url(world: &World) -> anyhow::Result<Found> {
    if let Some(skipped) = world.skipped_locally(NO_SIGNATURES) {
        return Ok(skipped);
    }
    let url = original_url(world)
        .await?
        .replace("X-Amz-Expires=", "X-Amz-Expires=1");
    Ok(summary(&world.wire.get(&url).await?))
}

async fn cors_preflight_of_the_bucket(world: &World) -> anyhow::Result<Found> {
    let (_, key) = world.new_key(&world.alice);
    let call = world
        .object("OPTIONS", &key)
        .header("origin", world.origin.clone())
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "content-type");
    let preflight = world.wire.send(&world.target, &call, Authorization::None);
    let reply = preflight.await?;
    let methods = reply.header("access-control-allow-methods");
    let is_allowed = reply.is_success() && methods.contains("PUT");
    Ok(Found::Value(if is_allowed {
        "PUT is allowed".to_owned()
    } else {
        format!("{} {methods}", reply.status)
    }))
}

/// Puts a new original as alice, with a change of the request.
async fn put(world: &World, change: impl FnOnce(Call) -> Call) -> anyhow::Result<Found> {
    let (_, key) = world.new_key(&world.alice);
    let call = world.object("PUT", &key).body(images::jpeg(64, 64));
    Ok(summary(&world.as_user(&world.alice, &change(call)).await?))
}

/// Returns the presigned URL of a new image's original.
async fn original_url(world: &World) -> anyhow::Result<String> {
    let upload = api("POST", "/upload").body(images::jpeg(64, 64));
    let uploaded = world.ask(&world.alice, &upload).await?.json()?;
    let image = uploaded["imageId"].as_str().unwrap_or_default();
    let resource = world.done(&world.alice, image).await?;
    Ok(resource["original"]["url"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

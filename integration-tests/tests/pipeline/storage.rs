//! Originals that nobody can read as they are stored.

use aws_sdk_s3::types::StorageClass;
use local::stack::Stack;
use reqwest::Method;
use uuid::Uuid;

use crate::{bad_input::assert_problem, root, with_stack};
use integration_tests::{
    denial::assert_denied,
    images,
    stack::{dynamodb, eventually},
    user::TestUser,
};

/// A customer's key of 256 bits, and its MD5, both in base64.
const CUSTOMER_KEY: [&str; 2] = [
    "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
    "UhbdzFjo2t5SVgded/ZC2g==",
];

/// How an original is stored that the worker can't read.
#[derive(Clone, Copy, Debug)]
enum Storage {
    Glacier,
    DeepArchiveByCopy,
    CustomerKey,
}

const ALL: [Storage; 3] = [
    Storage::Glacier,
    Storage::DeepArchiveByCopy,
    Storage::CustomerKey,
];

/// Stores an image under a key, as `s3`.
async fn put(
    stack: &Stack,
    s3: &aws_sdk_s3::Client,
    key: &str,
    storage: Storage,
) -> Result<(), aws_sdk_s3::Error> {
    let bucket = &stack.outputs().bucket_name;
    let body = images::jpeg(64, 64);
    let put = s3.put_object().bucket(bucket).key(key).body(body.into());
    match storage {
        Storage::Glacier => {
            put.storage_class(StorageClass::Glacier).send().await?;
        }
        Storage::CustomerKey => {
            let [value, md5] = CUSTOMER_KEY;
            put.sse_customer_algorithm("AES256")
                .sse_customer_key(value)
                .sse_customer_key_md5(md5)
                .send()
                .await?;
        }
        Storage::DeepArchiveByCopy => {
            put.send().await?;
            s3.copy_object()
                .bucket(bucket)
                .key(key)
                .copy_source(format!("{bucket}/{key}"))
                .storage_class(StorageClass::DeepArchive)
                .send()
                .await?;
        }
    }
    Ok(())
}

fn new_key(identity: &str) -> (String, String) {
    let image = Uuid::now_v7().to_string();
    let key = format!("original-files/dev/{identity}/{image}.jpg");
    (image, key)
}

/// Stored by the operator, because the user's policy denies it.
#[test]
fn an_original_that_can_t_be_read_fails_with_a_reason_and_can_be_deleted() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let identity = alice.own().await?.identity;
        for storage in ALL {
            let (image, key) = new_key(&identity);
            put(stack, &stack.s3(), &key, storage).await?;

            let path = format!("/images/{image}");
            let failed = eventually("it has failed", || {
                let (alice, path) = (&alice, &path);
                async move {
                    let (_, now) = alice.get(path).await?;
                    let is_failed = now["status"] == "failed";
                    Ok(is_failed.then_some(now))
                }
            })
            .await?;
            let code = &failed["failure"]["code"];
            assert_eq!(code, "unreadable_original", "{storage:?}: {failed}");
            assert!(failed["size"].as_u64() > Some(0), "{failed}");

            let retry = alice.request(Method::POST, &format!("{path}/retry"));
            let row = format!("{storage:?}");
            assert_problem(retry.send().await?, 409, "original-unreadable", &row).await?;

            let deleted = alice.request(Method::DELETE, &path).send().await?;
            assert_eq!(deleted.status(), 202, "{storage:?}");
            assert_eq!(alice.get(&path).await?.0, 404, "{storage:?}");
        }
        Ok(())
    });
}

#[test]
fn a_user_can_t_store_an_original_that_can_t_be_read() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let bucket = &stack.outputs().bucket_name;
        let put = |key: &str| {
            let put = own.s3.put_object().bucket(bucket).key(key);
            put.body(images::jpeg(64, 64).into())
        };
        let [value, md5] = CUSTOMER_KEY;
        for class in [
            StorageClass::Glacier,
            StorageClass::DeepArchive,
            StorageClass::GlacierIr,
            StorageClass::OnezoneIa,
            StorageClass::IntelligentTiering,
        ] {
            let (_, key) = new_key(&own.identity);
            let denied = put(&key).storage_class(class.clone()).send().await;
            assert_denied(class.as_str(), denied);
        }
        let (_, key) = new_key(&own.identity);
        let with_key = put(&key)
            .sse_customer_algorithm("AES256")
            .sse_customer_key(value)
            .sse_customer_key_md5(md5);
        assert_denied("a customer's key", with_key.send().await);
        let kms = put(&key).server_side_encryption("aws:kms".into());
        assert_denied("a key of KMS", kms.send().await);

        let plain = put(&key).storage_class(StorageClass::Standard);
        plain.send().await?;
        let copy = own
            .s3
            .copy_object()
            .bucket(bucket)
            .key(&key)
            .copy_source(format!("{bucket}/{key}"))
            .storage_class(StorageClass::DeepArchive);
        assert_denied("a copy into an archive", copy.send().await);
        Ok(())
    });
}

/// Without permission to list the bucket, S3 answers 403 for a key that does not exist. For the
/// user's own key, that is no fault of the service.
#[test]
fn a_retry_of_a_vanished_original_is_a_404() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let (image, key) = new_key(&own.identity);
        let bucket = &stack.outputs().bucket_name;
        let put = own.s3.put_object().bucket(bucket).key(&key);
        put.body(b"not an image".to_vec().into()).send().await?;
        alice.done(&image).await?;

        let record = root::record(stack, &own.identity, &image).await?;
        let gone = own.s3.delete_object().bucket(bucket).key(&key);
        gone.send().await?;
        let (identity, id) = (&own.identity, &image);
        eventually("the record is removed", || async move {
            let record = root::record(stack, identity, id).await?;
            Ok(record.is_none().then_some(()))
        })
        .await?;
        // As it is for a moment, after the deletion and before its event.
        let put = dynamodb(stack)
            .put_item()
            .table_name(&stack.outputs().table_name);
        put.set_item(record).send().await?;
        let read = own.s3.get_object().bucket(bucket).key(&key).send().await;
        assert_denied("a missing key of one's own", read);
        let retry = alice.request(Method::POST, &format!("/images/{image}/retry"));
        assert_problem(
            retry.send().await?,
            404,
            "image-not-found",
            "a vanished original",
        )
        .await?;
        Ok(())
    });
}

//! The permissions of the functions' roles, tested with the credentials of their running processes.

use anyhow::Context;
use aws_sdk_dynamodb::{config::Credentials, types::AttributeValue};
use local::stack::Stack;

use crate::with_stack;
use integration_tests::denial::{assert_denied, text};
use integration_tests::{
    images,
    stack::eventually,
    user::{TestUser, clients},
};

async fn role_of(
    stack: &'static Stack,
    function: &str,
) -> anyhow::Result<(aws_sdk_s3::Client, aws_sdk_dynamodb::Client)> {
    let environment = eventually("the function's process runs", || async move {
        let containers = stack.containers()?;
        Ok(containers
            .into_iter()
            .find(|c| c.function.ends_with(function))
            .map(|c| c.env))
    })
    .await?;
    let value = |name: &str| {
        environment
            .get(name)
            .with_context(|| format!("{function} has no {name}"))
    };
    let credentials = Credentials::new(
        value("AWS_ACCESS_KEY_ID")?,
        value("AWS_SECRET_ACCESS_KEY")?,
        environment.get("AWS_SESSION_TOKEN").cloned(),
        None,
        "role",
    );
    Ok(clients(stack, credentials).await)
}

#[test]
fn the_user_facing_functions_have_no_permissions_on_data() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        let identity = alice.own().await?.identity;
        let (bucket, table) = (&stack.outputs().bucket_name, &stack.outputs().table_name);
        let original = format!("original-files/dev/{identity}/{image}.jpg");
        let thumbnail = format!("thumbnails/dev/{identity}/{image}/small.jpg");
        for function in ["authorizer", "upload", "images"] {
            let (s3, db) = role_of(stack, function).await?;
            for key in [&original, &thumbnail] {
                assert_denied(
                    function,
                    s3.get_object().bucket(bucket).key(key).send().await,
                );
                assert_denied(
                    function,
                    s3.put_object().bucket(bucket).key(key).send().await,
                );
                assert_denied(
                    function,
                    s3.delete_object().bucket(bucket).key(key).send().await,
                );
            }
            assert_denied(function, s3.list_objects_v2().bucket(bucket).send().await);
            let item = || [("identityId", text(&identity)), ("imageId", text(&image))];
            let [(pk, identity), (sk, image)] = item();
            assert_denied(
                function,
                db.get_item()
                    .table_name(table)
                    .key(pk, identity.clone())
                    .key(sk, image.clone())
                    .send()
                    .await,
            );
            assert_denied(
                function,
                db.delete_item()
                    .table_name(table)
                    .key(pk, identity.clone())
                    .key(sk, image.clone())
                    .send()
                    .await,
            );
            assert_denied(function, db.scan().table_name(table).send().await);
            let update = db
                .update_item()
                .table_name(table)
                .key(pk, identity)
                .key(sk, image);
            assert_denied(
                function,
                update
                    .update_expression("SET fileName = :n")
                    .expression_attribute_values(":n", text("x"))
                    .send()
                    .await,
            );
        }
        Ok(())
    });
}

#[test]
fn the_worker_is_limited_to_its_two_prefixes_and_its_half_of_a_record() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        let identity = alice.own().await?.identity;
        let (bucket, table) = (&stack.outputs().bucket_name, &stack.outputs().table_name);
        let original = format!("original-files/dev/{identity}/{image}.jpg");
        let thumbnail = format!("thumbnails/dev/{identity}/{image}/small.jpg");
        let (s3, db) = role_of(stack, "thumbnail").await?;

        s3.get_object().bucket(bucket).key(&original).send().await?;
        assert_denied(
            "write an original",
            s3.put_object().bucket(bucket).key(&original).send().await,
        );
        assert_denied(
            "delete an original",
            s3.delete_object()
                .bucket(bucket)
                .key(&original)
                .send()
                .await,
        );
        assert_denied(
            "read a thumbnail",
            s3.get_object().bucket(bucket).key(&thumbnail).send().await,
        );
        let elsewhere = format!("original-files/prod/{identity}/{image}.jpg");
        assert_denied(
            "another stage",
            s3.get_object().bucket(bucket).key(elsewhere).send().await,
        );
        assert_denied(
            "elsewhere",
            s3.put_object()
                .bucket(bucket)
                .key("index.html")
                .send()
                .await,
        );

        let item = |request: aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder| {
            request.table_name(table).key("identityId", text(&identity)).key("imageId", text(&image))
        };
        for attribute in ["fileName", "caption", "contentType", "size", "uploadedAt"] {
            let update = item(db.update_item())
                .update_expression("SET #a = :v")
                .expression_attribute_names("#a", attribute)
                .expression_attribute_values(":v", AttributeValue::S("forged".to_owned()));
            assert_denied(attribute, update.send().await);
        }
        assert_denied("scan", db.scan().table_name(table).send().await);
        let get = || {
            db.get_item()
                .table_name(table)
                .key("identityId", text(&identity))
                .key("imageId", text(&image))
        };
        get().projection_expression("countedBytes").send().await?;
        assert_denied("read a record", get().send().await);
        for attribute in ["fileName", "caption", "thumbhash", "cameraModel"] {
            let read = get().projection_expression(attribute);
            assert_denied(attribute, read.send().await);
        }
        counts_and_no_more(stack, &db, &identity).await?;
        assert_eq!(alice.ready(&image).await?["status"], "ready");
        Ok(())
    });
}

/// Of a usage item, a function's role changes the counters only.
async fn counts_and_no_more(
    stack: &Stack,
    db: &aws_sdk_dynamodb::Client,
    identity: &str,
) -> anyhow::Result<()> {
    let table = &stack.outputs().table_name;
    let update = |partition: String, attribute: &str| {
        db.update_item()
            .table_name(table)
            .key("identityId", AttributeValue::S(partition))
            .key("imageId", text("usage"))
            .update_expression("ADD #a :n")
            .expression_attribute_names("#a", attribute)
            .expression_attribute_values(":n", AttributeValue::N("0".to_owned()))
    };
    let usage = format!("usage#{identity}");
    update(usage.clone(), "bytes").send().await?;
    for attribute in [
        "maxBytes",
        "maxImages",
        "expiresAt",
        "status",
        "countedBytes",
        "caption",
    ] {
        let update = update(usage.clone(), attribute);
        assert_denied(attribute, update.send().await);
    }
    let elsewhere = update(identity.to_owned(), "bytes");
    assert_denied("counters of a record", elsewhere.send().await);
    let removal = db
        .delete_item()
        .table_name(table)
        .key("identityId", AttributeValue::S(usage))
        .key("imageId", text("usage"));
    assert_denied("remove a usage item", removal.send().await);
    Ok(())
}

#[test]
fn the_reconciliation_reads_keys_and_the_worker_s_half_of_records_only() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        let identity = alice.own().await?.identity;
        let (bucket, table) = (&stack.outputs().bucket_name, &stack.outputs().table_name);
        let original = format!("original-files/dev/{identity}/{image}.jpg");
        let thumbnail = format!("thumbnails/dev/{identity}/{image}/small.jpg");
        let (s3, db) = role_of(stack, "reconcile").await?;

        s3.list_objects_v2().bucket(bucket).send().await?;
        for key in [&original, &thumbnail] {
            assert_denied("read", s3.get_object().bucket(bucket).key(key).send().await);
            assert_denied(
                "write",
                s3.put_object().bucket(bucket).key(key).send().await,
            );
        }

        let scan = || db.scan().table_name(table).limit(1);
        scan()
            .projection_expression("imageId, sequencer, expiresAt")
            .send()
            .await?;
        assert_denied("scan everything", scan().send().await);
        for attribute in ["fileName", "caption", "contentType"] {
            let projected = scan().projection_expression(attribute);
            assert_denied(attribute, projected.send().await);
        }
        let item = |name: &str| match name {
            "identityId" => text(&identity),
            _ => text(&image),
        };
        let update = db
            .update_item()
            .table_name(table)
            .key("identityId", item("identityId"))
            .key("imageId", item("imageId"))
            .update_expression("SET #s = :v")
            .expression_attribute_names("#s", "status")
            .expression_attribute_values(":v", text("forged"));
        assert_denied("complete a record", update.send().await);
        counts_and_no_more(stack, &db, &identity).await?;
        let removal = db
            .delete_item()
            .table_name(table)
            .key("identityId", item("identityId"))
            .key("imageId", item("imageId"))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld);
        assert_denied("read what it removes", removal.send().await);
        assert_eq!(alice.ready(&image).await?["status"], "ready");
        Ok(())
    });
}

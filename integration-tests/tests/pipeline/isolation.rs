//! What a user's own credentials, used without our API, can not do. Every denial is IAM's.

use std::{collections::HashMap, fmt::Debug};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::{AttributeValue, ReturnValue},
};
use local::stack::Stack;

use crate::{
    person::{Own, Person},
    pictures,
    world::with_stack,
};

/// Checks that IAM said no, and not that something else went wrong.
pub(crate) fn assert_denied<T: Debug, E: ProvideErrorMetadata + Debug, R: Debug>(
    what: &str,
    outcome: Result<T, SdkError<E, R>>,
) {
    let error = outcome.expect_err(what);
    let code = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    assert!(
        matches!(code, Some("AccessDenied" | "AccessDeniedException")),
        "{what}: {error:?}"
    );
}

pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn key(identity: &str, image: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("identityId".to_owned(), text(identity)),
        ("imageId".to_owned(), text(image)),
    ])
}

/// A victim with a finished image, and an attacker with credentials.
async fn victim_and_attacker(
    stack: &'static Stack,
) -> anyhow::Result<(Person, String, String, Own)> {
    let (victim, attacker) = (Person::new(stack).await?, Person::new(stack).await?);
    let image = victim.upload(pictures::jpeg(64, 64)).await?;
    victim.ready(&image).await?;
    let identity = victim.own().await?.identity;
    let own = attacker.own().await?;
    Ok((victim, identity, image, own))
}

#[test]
fn another_user_s_objects_are_denied_by_iam() {
    with_stack(|stack| async move {
        let (victim, identity, image, attacker) = victim_and_attacker(stack).await?;
        let before = victim.get(&format!("/images/{image}")).await?.1["sha256"].clone();
        let bucket = &stack.outputs().bucket_name;
        let original = format!("original-files/dev/{identity}/{image}.jpg");
        let thumbnail = format!("thumbnails/dev/{identity}/{image}/small.jpg");
        let s3 = &attacker.s3;
        for key in [&original, &thumbnail] {
            assert_denied(key, s3.get_object().bucket(bucket).key(key).send().await);
            assert_denied(
                key,
                s3.put_object()
                    .bucket(bucket)
                    .key(key)
                    .body(b"x".to_vec().into())
                    .send()
                    .await,
            );
            assert_denied(key, s3.delete_object().bucket(bucket).key(key).send().await);
            let copy = s3
                .copy_object()
                .bucket(bucket)
                .copy_source(format!("{bucket}/{key}"));
            let own_key = format!("original-files/dev/{}/{image}.jpg", attacker.identity);
            assert_denied(key, copy.key(own_key).send().await);
        }
        assert_denied(
            "list",
            s3.list_objects_v2()
                .bucket(bucket)
                .prefix("original-files/")
                .send()
                .await,
        );
        assert_denied(
            "list one's own",
            s3.list_objects_v2()
                .bucket(bucket)
                .prefix(format!("original-files/dev/{}/", attacker.identity))
                .send()
                .await,
        );
        let prod = format!("original-files/prod/{}/{image}.jpg", attacker.identity);
        assert_denied(
            "another stage",
            s3.put_object().bucket(bucket).key(prod).send().await,
        );
        let own_thumbnail = format!("thumbnails/dev/{}/{image}/small.jpg", attacker.identity);
        assert_denied(
            "a forged thumbnail",
            s3.put_object()
                .bucket(bucket)
                .key(own_thumbnail)
                .send()
                .await,
        );
        // The controls: what is the attacker's own is not denied.
        let own_original = format!("original-files/dev/{}/{image}.jpg", attacker.identity);
        s3.put_object()
            .bucket(bucket)
            .key(&own_original)
            .body(pictures::jpeg(8, 8).into())
            .send()
            .await?;
        s3.get_object()
            .bucket(bucket)
            .key(&own_original)
            .send()
            .await?;
        s3.delete_object()
            .bucket(bucket)
            .key(&own_original)
            .send()
            .await?;
        assert_eq!(victim.ready(&image).await?["sha256"], before);
        Ok(())
    });
}

#[test]
fn another_user_s_records_are_denied_by_iam() {
    with_stack(|stack| async move {
        let (victim, identity, image, attacker) = victim_and_attacker(stack).await?;
        let table = &stack.outputs().table_name;
        let db = &attacker.dynamodb;
        let theirs = || Some(key(&identity, &image));
        assert_denied(
            "get",
            db.get_item()
                .table_name(table)
                .set_key(theirs())
                .send()
                .await,
        );
        assert_denied(
            "query",
            db.query()
                .table_name(table)
                .key_condition_expression("identityId = :i")
                .expression_attribute_values(":i", text(&identity))
                .send()
                .await,
        );
        assert_denied(
            "update",
            db.update_item()
                .table_name(table)
                .set_key(theirs())
                .update_expression("SET fileName = :n")
                .expression_attribute_values(":n", text("mine.jpg"))
                .send()
                .await,
        );
        assert_denied(
            "put",
            db.put_item()
                .table_name(table)
                .set_item(theirs())
                .send()
                .await,
        );
        assert_denied(
            "delete",
            db.delete_item()
                .table_name(table)
                .set_key(theirs())
                .send()
                .await,
        );
        assert_denied("scan", db.scan().table_name(table).send().await);
        assert_denied(
            "PartiQL",
            db.execute_statement()
                .statement(format!(
                    "SELECT * FROM \"{table}\" WHERE identityId = '{identity}'"
                ))
                .send()
                .await,
        );
        // The controls: what is the attacker's own is not denied.
        db.get_item()
            .table_name(table)
            .set_key(Some(key(&attacker.identity, &image)))
            .send()
            .await?;
        db.query()
            .table_name(table)
            .key_condition_expression("identityId = :i")
            .expression_attribute_values(":i", text(&attacker.identity))
            .send()
            .await?;
        assert_eq!(victim.ready(&image).await?.get("fileName"), None);
        Ok(())
    });
}

#[test]
fn nobody_forges_a_result_in_their_own_drawer() {
    with_stack(|stack| async move {
        let alice = Person::new(stack).await?;
        let own = alice.own().await?;
        let table = &stack.outputs().table_name;
        let image = uuid::Uuid::now_v7().to_string();
        let update = || {
            own.dynamodb
                .update_item()
                .table_name(table)
                .set_key(Some(key(&own.identity, &image)))
                .expression_attribute_values(":v", text("ready"))
        };
        for attribute in [
            "status",
            "width",
            "height",
            "format",
            "thumbnails",
            "thumbhash",
            "dominantColour",
            "isAnimated",
            "dominantColour",
            "isAnimated",
            "sha256",
            "failure",
            "sequencer",
            "processedAt",
            "original",
        ] {
            let forged = update()
                .update_expression("SET #a = :v")
                .expression_attribute_names("#a", attribute);
            assert_denied(attribute, forged.send().await);
        }
        let mixed = update()
            .update_expression("SET fileName = :v, #s = :v")
            .expression_attribute_names("#s", "status");
        assert_denied("hidden behind a permitted attribute", mixed.send().await);
        assert_denied(
            "a whole item",
            own.dynamodb
                .put_item()
                .table_name(table)
                .set_item(Some(key(&own.identity, &image)))
                .send()
                .await,
        );
        assert_denied(
            "a deleted record",
            own.dynamodb
                .delete_item()
                .table_name(table)
                .set_key(Some(key(&own.identity, &image)))
                .send()
                .await,
        );
        for all in [ReturnValue::AllOld, ReturnValue::AllNew] {
            let update = update()
                .update_expression("SET fileName = :v")
                .return_values(all);
            assert_denied("all attributes in the answer", update.send().await);
        }
        assert!(alice.items().await?.is_empty());
        // The control: the same request is fine when it touches the user's half only.
        update()
            .update_expression("SET fileName = :v")
            .send()
            .await?;
        assert_eq!(alice.items().await?[0]["status"], "pending");
        Ok(())
    });
}

#[test]
fn a_presigned_url_opens_nothing_else() {
    with_stack(|stack| async move {
        let alice = Person::new(stack).await?;
        let image = alice.upload(pictures::jpeg(64, 64)).await?;
        let ready = alice.ready(&image).await?;
        let url = ready["original"]["url"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let bare = url.split('?').next().unwrap_or_default();
        assert_eq!(reqwest::get(&url).await?.status(), 200);
        assert_eq!(
            reqwest::get(bare).await?.status(),
            403,
            "without its signature"
        );
        Ok(())
    });
}

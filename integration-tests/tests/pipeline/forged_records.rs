//! Results that a user tries to forge in their own record.

use std::collections::HashMap;

use common::attribute::{Attribute, Writer};
use integration_tests::{
    denial::{assert_denied, text},
    images,
    user::TestUser,
};
use uuid::Uuid;

use crate::with_stack;

#[test]
fn a_denied_forgery_leaves_no_record_and_a_permitted_update_a_pending_one() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        let key = HashMap::from([
            ("identityId".to_owned(), text(&own.identity)),
            ("imageId".to_owned(), text(&Uuid::now_v7().to_string())),
        ]);
        let update = |attribute: &str| {
            own.dynamodb
                .update_item()
                .table_name(&stack.outputs().table_name)
                .set_key(Some(key.clone()))
                .update_expression("SET #a = :v")
                .expression_attribute_names("#a", attribute)
                .expression_attribute_values(":v", text("ready"))
        };
        let of_worker = |attribute: &Attribute| attribute.writer() == Writer::Worker;
        for attribute in Attribute::all().filter(of_worker) {
            let name = attribute.name();
            assert_denied(name, update(name).send().await);
        }
        assert!(alice.items().await?.is_empty());
        update("fileName").send().await?;
        assert_eq!(alice.items().await?[0]["status"], "pending");
        Ok(())
    });
}

#[test]
fn a_user_puts_reads_and_deletes_an_original_of_their_own() {
    with_stack(|stack| async move {
        let own = TestUser::new(stack).await?.own().await?;
        let bucket = &stack.outputs().bucket_name;
        let key = format!("original-files/dev/{}/{}.jpg", own.identity, Uuid::now_v7());
        let put = own.s3.put_object().bucket(bucket).key(&key);
        put.body(images::jpeg(8, 8).into()).send().await?;
        own.s3.get_object().bucket(bucket).key(&key).send().await?;
        own.s3
            .delete_object()
            .bucket(bucket)
            .key(&key)
            .send()
            .await?;
        let gone = own.s3.get_object().bucket(bucket).key(&key).send().await;
        assert!(gone.is_err(), "{gone:?}");
        Ok(())
    });
}

/// An item has at most 400 kB. The worker's attributes would not fit beside such a caption, and the
/// event would end in the queue of unreadable messages.
#[test]
fn a_record_that_the_user_has_filled_does_not_keep_its_image_from_being_ready() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let own = alice.own().await?;
        for (bytes, status) in [(images::jpeg(64, 64), "ready"), (vec![0; 9], "failed")] {
            let image = Uuid::now_v7().to_string();
            own.dynamodb
                .update_item()
                .table_name(&stack.outputs().table_name)
                .key("identityId", text(&own.identity))
                .key("imageId", text(&image))
                .update_expression("SET caption = :v")
                .expression_attribute_values(":v", text(&"x".repeat(409_400)))
                .send()
                .await?;
            let key = format!("original-files/dev/{}/{image}.jpg", own.identity);
            let put = own.s3.put_object().bucket(&stack.outputs().bucket_name);
            put.key(&key).body(bytes.into()).send().await?;
            let resource = alice.done(&image).await?;
            assert_eq!(resource["status"], status, "{}", resource["failure"]);
            assert!(resource["caption"].is_null());
        }
        Ok(())
    });
}

//! Events that arrive twice, late, or in the wrong order: in the end, the bucket decides.

use aws_sdk_dynamodb::types::AttributeValue;
use local::stack::Stack;
use serde_json::Value;

use crate::with_stack;
use crate::{
    alone,
    event_delivery::{event, send_to},
};
use integration_tests::{
    images,
    stack::eventually,
    user::{Own, TestUser},
};

pub(crate) const IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";

/// A test user with one object. Its events are sent again by the test, with sequencers later than
/// the real ones.
pub(crate) struct TestObject {
    pub(crate) user: TestUser<'static>,
    own: Own,
    pub(crate) key: String,
}

impl TestObject {
    pub(crate) async fn new(stack: &'static Stack) -> anyhow::Result<Self> {
        let user = TestUser::new(stack).await?;
        let own = user.own().await?;
        let key = format!("original-files/dev/{}/{IMAGE}.jpg", own.identity);
        Ok(Self { user, own, key })
    }

    pub(crate) async fn put(&self, bytes: Vec<u8>) -> anyhow::Result<()> {
        let put = self.own.s3.put_object().body(bytes.into());
        put.bucket(&self.user.stack.outputs().bucket_name)
            .key(&self.key)
            .send()
            .await?;
        Ok(())
    }

    /// Adds a record that no event has completed, as an upload does.
    pub(crate) async fn add_record(&self) -> anyhow::Result<()> {
        let text = AttributeValue::S;
        let update = self.own.dynamodb.update_item();
        update
            .table_name(&self.user.stack.outputs().table_name)
            .key("identityId", text(self.own.identity.clone()))
            .key("imageId", text(IMAGE.to_owned()))
            .update_expression("SET contentType = :type")
            .expression_attribute_values(":type", text("image/jpeg".to_owned()))
            .send()
            .await?;
        Ok(())
    }

    async fn delete(&self) -> anyhow::Result<()> {
        let delete = self.own.s3.delete_object();
        delete
            .bucket(&self.user.stack.outputs().bucket_name)
            .key(&self.key)
            .send()
            .await?;
        Ok(())
    }

    async fn resend(&self, name: &str, sequencer: &str) -> anyhow::Result<()> {
        let stack = self.user.stack;
        let body = event(stack, name, &self.key, sequencer).to_string();
        send_to(stack, &stack.outputs().queue_url, &body).await
    }

    /// Waits until the image is ready with this width, and checks all its variants.
    pub(crate) async fn wait_until_ready(&self, width: u32) -> anyhow::Result<Value> {
        let path = format!("/images/{IMAGE}");
        let (path, user) = (path.as_str(), &self.user);
        let resource = eventually("the record is of the last image", || async move {
            let (status, resource) = user.get(path).await?;
            Ok((status == 200 && resource["width"] == width).then_some(resource))
        })
        .await?;
        let thumbnails = resource["thumbnails"].as_array();
        for thumbnail in thumbnails.into_iter().flatten() {
            let url = thumbnail["url"].as_str().unwrap_or_default();
            let bytes = reqwest::get(url).await?.bytes().await?;
            let variant = image::load_from_memory(&bytes)?;
            assert_eq!(thumbnail["width"], variant.width());
            assert_eq!(thumbnail["height"], variant.height());
        }
        assert_eq!(thumbnails.map(Vec::len), Some(3));
        Ok(resource)
    }

    /// Waits until there is neither a record nor a variant.
    async fn wait_until_gone(&self) -> anyhow::Result<()> {
        let folder = format!("thumbnails/dev/{}/{IMAGE}/", self.own.identity);
        let (path, folder) = (format!("/images/{IMAGE}"), folder.as_str());
        let (path, user) = (path.as_str(), &self.user);
        let root = &user.stack.s3();
        eventually("record and variants are gone", || async move {
            let record = user.get(path).await?.0;
            let variants = root
                .list_objects_v2()
                .bucket(&user.stack.outputs().bucket_name)
                .prefix(folder)
                .send()
                .await?;
            Ok((record == 404 && variants.contents().is_empty()).then_some(()))
        })
        .await
    }

    /// Waits until all messages sent so far are processed: the queue delivers in order.
    pub(crate) async fn wait_until_all_processed(&self) -> anyhow::Result<()> {
        let image = self.user.upload(images::jpeg(16, 16)).await?;
        self.user.ready(&image).await?;
        Ok(())
    }
}

/// Ascending sequencers, later than any of the emulator's.
pub(crate) const LATER: [&str; 3] = [
    "f00000000000000000001",
    "f00000000000000000002",
    "f00000000000000000003",
];

#[test]
fn the_same_event_twice_is_the_same_as_once() {
    let _alone = alone();
    with_stack(|stack| async move {
        let object = TestObject::new(stack).await?;
        object.put(images::jpeg(320, 240)).await?;
        let first = object.wait_until_ready(320).await?;
        for _ in 0..3 {
            object.resend("ObjectCreated:Put", LATER[0]).await?;
        }
        object.wait_until_all_processed().await?;
        let last = object.wait_until_ready(320).await?;
        assert_eq!(first["sha256"], last["sha256"]);
        assert_eq!(object.user.items().await?.len(), 2);
        Ok(())
    });
}

#[test]
fn two_overwrites_reported_in_the_wrong_order_end_with_the_last_image() {
    let _alone = alone();
    with_stack(|stack| async move {
        let object = TestObject::new(stack).await?;
        object.put(images::jpeg(320, 240)).await?;
        object.put(images::jpeg(400, 300)).await?;
        object.resend("ObjectCreated:Put", LATER[1]).await?;
        object.resend("ObjectCreated:Put", LATER[0]).await?;
        object.wait_until_all_processed().await?;
        object.wait_until_ready(400).await?;
        Ok(())
    });
}

#[test]
fn a_removal_that_comes_before_its_creation_leaves_nothing_behind() {
    let _alone = alone();
    with_stack(|stack| async move {
        let object = TestObject::new(stack).await?;
        object.put(images::jpeg(320, 240)).await?;
        object.delete().await?;
        object.resend("ObjectRemoved:Delete", LATER[1]).await?;
        object.resend("ObjectCreated:Put", LATER[0]).await?;
        object.wait_until_all_processed().await?;
        object.wait_until_gone().await
    });
}

#[test]
fn an_image_that_was_put_again_survives_the_late_removal_of_the_first() {
    let _alone = alone();
    with_stack(|stack| async move {
        let object = TestObject::new(stack).await?;
        object.put(images::jpeg(320, 240)).await?;
        object.delete().await?;
        object.put(images::jpeg(400, 300)).await?;
        object.resend("ObjectCreated:Put", LATER[2]).await?;
        object
            .resend("ObjectRemoved:DeleteMarkerCreated", LATER[1])
            .await?;
        object.resend("ObjectCreated:Put", LATER[0]).await?;
        object.wait_until_all_processed().await?;
        object.wait_until_ready(400).await?;
        Ok(())
    });
}

#[test]
fn a_broken_image_over_a_valid_one_removes_its_variants() {
    let _alone = alone();
    with_stack(|stack| async move {
        let object = TestObject::new(stack).await?;
        object.put(images::jpeg(320, 240)).await?;
        object.wait_until_ready(320).await?;
        object.put(b"not an image".to_vec()).await?;
        let (path, user) = (format!("/images/{IMAGE}"), &object.user);
        let path = path.as_str();
        eventually("the record says why", || async move {
            let (_, resource) = user.get(path).await?;
            Ok((resource["failure"]["code"] == "unsupported_format").then_some(()))
        })
        .await?;
        let (bucket, folder) = (
            &stack.outputs().bucket_name,
            &format!("thumbnails/dev/{}/{IMAGE}/", object.own.identity),
        );
        let root = &stack.s3();
        eventually("the variants are gone", || async move {
            let variants = root.list_objects_v2().bucket(bucket).prefix(folder);
            Ok(variants.send().await?.contents().is_empty().then_some(()))
        })
        .await
    });
}

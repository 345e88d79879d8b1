//! Events that come twice, late, or in the wrong order: in the end, the bucket decides.

use local::stack::Stack;
use serde_json::Value;

use crate::with_stack;
use crate::{
    alone,
    event_delivery::{event, send},
};
use integration_tests::{
    images,
    stack::eventually,
    user::{Own, TestUser},
};

pub(crate) const IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";

/// Somebody with one object, whose events come a second time by hand, with sequencers that are later than the real ones.
pub(crate) struct Told {
    pub(crate) person: TestUser<'static>,
    own: Own,
    pub(crate) key: String,
}

impl Told {
    pub(crate) async fn new(stack: &'static Stack) -> anyhow::Result<Self> {
        let person = TestUser::new(stack).await?;
        let own = person.own().await?;
        let key = format!("original-files/dev/{}/{IMAGE}.jpg", own.identity);
        Ok(Self { person, own, key })
    }

    pub(crate) async fn put(&self, bytes: Vec<u8>) -> anyhow::Result<()> {
        let put = self.own.s3.put_object().body(bytes.into());
        put.bucket(&self.person.stack.outputs().bucket_name)
            .key(&self.key)
            .send()
            .await?;
        Ok(())
    }

    async fn delete(&self) -> anyhow::Result<()> {
        let delete = self.own.s3.delete_object();
        delete
            .bucket(&self.person.stack.outputs().bucket_name)
            .key(&self.key)
            .send()
            .await?;
        Ok(())
    }

    async fn tell(&self, name: &str, sequencer: &str) -> anyhow::Result<()> {
        let stack = self.person.stack;
        send(stack, &event(stack, name, &self.key, sequencer).to_string()).await
    }

    /// Waits for a picture of that width, with all of its variants.
    pub(crate) async fn shows(&self, width: u32) -> anyhow::Result<Value> {
        let path = format!("/images/{IMAGE}");
        let (path, person) = (path.as_str(), &self.person);
        let resource = eventually("the record is of the last picture", || async move {
            let (status, resource) = person.get(path).await?;
            Ok((status == 200 && resource["width"] == width).then_some(resource))
        })
        .await?;
        let thumbnails = resource["thumbnails"].as_array();
        for thumbnail in thumbnails.into_iter().flatten() {
            let url = thumbnail["url"].as_str().unwrap_or_default();
            let bytes = reqwest::get(url).await?.bytes().await?;
            let variant = image::load_from_memory(&bytes)?;
            assert_eq!(thumbnail["width"], variant.width());
        }
        assert_eq!(thumbnails.map(Vec::len), Some(3));
        Ok(resource)
    }

    /// Waits until there is neither record nor variant.
    async fn shows_nothing(&self) -> anyhow::Result<()> {
        let folder = format!("thumbnails/dev/{}/{IMAGE}/", self.own.identity);
        let (path, folder) = (format!("/images/{IMAGE}"), folder.as_str());
        let (path, person) = (path.as_str(), &self.person);
        let root = &person.stack.s3();
        eventually("record and variants are gone", || async move {
            let record = person.get(path).await?.0;
            let variants = root
                .list_objects_v2()
                .bucket(&person.stack.outputs().bucket_name)
                .prefix(folder)
                .send()
                .await?;
            Ok((record == 404 && variants.contents().is_empty()).then_some(()))
        })
        .await
    }

    /// Waits until everything that was sent so far has been handled: queues are read from the front.
    pub(crate) async fn all_handled(&self) -> anyhow::Result<()> {
        let image = self.person.upload(images::jpeg(16, 16)).await?;
        self.person.ready(&image).await?;
        Ok(())
    }
}

/// Later than whatever the emulator gives, and in order.
pub(crate) const LATER: [&str; 3] = [
    "f00000000000000000001",
    "f00000000000000000002",
    "f00000000000000000003",
];

#[test]
fn the_same_event_twice_is_the_same_as_once() {
    let _alone = alone();
    with_stack(|stack| async move {
        let told = Told::new(stack).await?;
        told.put(images::jpeg(320, 240)).await?;
        let first = told.shows(320).await?;
        for _ in 0..3 {
            told.tell("ObjectCreated:Put", LATER[0]).await?;
        }
        told.all_handled().await?;
        let last = told.shows(320).await?;
        assert_eq!(first["sha256"], last["sha256"]);
        assert_eq!(told.person.items().await?.len(), 2);
        Ok(())
    });
}

#[test]
fn two_overwrites_told_in_the_wrong_order_end_with_the_last_picture() {
    let _alone = alone();
    with_stack(|stack| async move {
        let told = Told::new(stack).await?;
        told.put(images::jpeg(320, 240)).await?;
        told.put(images::jpeg(400, 300)).await?;
        told.tell("ObjectCreated:Put", LATER[1]).await?;
        told.tell("ObjectCreated:Put", LATER[0]).await?;
        told.all_handled().await?;
        told.shows(400).await?;
        Ok(())
    });
}

#[test]
fn a_removal_that_comes_before_its_creation_leaves_nothing_behind() {
    let _alone = alone();
    with_stack(|stack| async move {
        let told = Told::new(stack).await?;
        told.put(images::jpeg(320, 240)).await?;
        told.delete().await?;
        told.tell("ObjectRemoved:Delete", LATER[1]).await?;
        told.tell("ObjectCreated:Put", LATER[0]).await?;
        told.all_handled().await?;
        told.shows_nothing().await
    });
}

#[test]
fn a_picture_that_was_put_again_survives_the_late_removal_of_the_first() {
    let _alone = alone();
    with_stack(|stack| async move {
        let told = Told::new(stack).await?;
        told.put(images::jpeg(320, 240)).await?;
        told.delete().await?;
        told.put(images::jpeg(400, 300)).await?;
        told.tell("ObjectCreated:Put", LATER[2]).await?;
        told.tell("ObjectRemoved:DeleteMarkerCreated", LATER[1])
            .await?;
        told.tell("ObjectCreated:Put", LATER[0]).await?;
        told.all_handled().await?;
        told.shows(400).await?;
        Ok(())
    });
}

#[test]
fn a_broken_picture_over_a_good_one_takes_its_variants_away() {
    let _alone = alone();
    with_stack(|stack| async move {
        let told = Told::new(stack).await?;
        told.put(images::jpeg(320, 240)).await?;
        told.shows(320).await?;
        told.put(b"no picture".to_vec()).await?;
        let (path, person) = (format!("/images/{IMAGE}"), &told.person);
        let path = path.as_str();
        eventually("the record says why", || async move {
            let (_, resource) = person.get(path).await?;
            Ok((resource["failure"]["code"] == "unsupported_format").then_some(()))
        })
        .await?;
        let (bucket, folder) = (
            &stack.outputs().bucket_name,
            &format!("thumbnails/dev/{}/{IMAGE}/", told.own.identity),
        );
        let root = &stack.s3();
        eventually("the variants are gone", || async move {
            let variants = root.list_objects_v2().bucket(bucket).prefix(folder);
            Ok(variants.send().await?.contents().is_empty().then_some(()))
        })
        .await
    });
}

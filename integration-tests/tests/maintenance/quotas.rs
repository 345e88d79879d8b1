//! What is counted for quotas, recomputed and repaired.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use common::{identity_id::IdentityId, usage::Usage};
use integration_tests::{
    denial::text,
    images,
    stack::{dynamodb, eventually},
};
use local::stack::Stack;
use maintenance::reconcile::{Mode, Options, Report};
use uuid::Uuid;

use crate::{album::Album, fixtures, in_turn};

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

impl Album {
    fn identity_id(&self) -> anyhow::Result<IdentityId> {
        Ok(IdentityId::parse(&self.identity)?)
    }

    async fn usage(&self) -> anyhow::Result<Usage> {
        let admin_store = fixtures::admin_store(self.stack)?;
        Ok(admin_store.usage(&self.identity_id()?).await?.item().usage)
    }

    /// Sums up the sizes of the originals that the records name.
    async fn sum(&self) -> anyhow::Result<Usage> {
        let mut usage = Usage::default();
        for record in self.records().await?.values() {
            let original = record["original"].as_m().expect("a map");
            usage = usage.with_image(original["size"].as_n().expect("a number").parse()?);
        }
        Ok(usage)
    }

    /// Sets attributes of the usage item, or removes it.
    async fn damage(&self, attributes: &[(&str, AttributeValue)]) -> anyhow::Result<()> {
        let partition = text(&format!("usage#{}", self.identity));
        let table = &self.stack.outputs().table_name;
        if attributes.is_empty() {
            let delete = dynamodb(self.stack).delete_item().table_name(table);
            let delete = delete
                .key("identityId", partition)
                .key("imageId", text("usage"));
            delete.send().await?;
            return Ok(());
        }
        for (name, value) in attributes {
            dynamodb(self.stack)
                .update_item()
                .table_name(table)
                .key("identityId", partition.clone())
                .key("imageId", text("usage"))
                .update_expression("SET #a = :v")
                .expression_attribute_names("#a", *name)
                .expression_attribute_values(":v", value.clone())
                .send()
                .await?;
        }
        Ok(())
    }

    async fn forget_counts(&self) -> anyhow::Result<()> {
        for image in &self.images {
            dynamodb(self.stack)
                .update_item()
                .table_name(&self.stack.outputs().table_name)
                .key("identityId", text(&self.identity))
                .key("imageId", text(image))
                .update_expression("REMOVE countedBytes")
                .send()
                .await?;
        }
        Ok(())
    }
}

/// Creates a user with images, on a stack on which nothing is left to repair.
async fn album(stack: &'static Stack, count: u32) -> anyhow::Result<Album> {
    eventually("nothing is left to repair", || async {
        let report = fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        Ok(report.is_clean().then_some(()))
    })
    .await?;
    Album::of(stack, count).await
}

async fn run(album: &Album, mode: Mode) -> anyhow::Result<Report> {
    fixtures::run(album.stack, &fixtures::options(mode)).await
}

#[test]
fn records_of_before_quotas_are_counted_and_no_quota_matters() {
    in_turn(|stack| async move {
        let album = album(stack, 2).await?;
        album.forget_counts().await?;
        album.damage(&[]).await?;
        album.damage(&[("maxBytes", number(1))]).await?;

        let dry = run(&album, Mode::DryRun).await?;
        assert_eq!(
            (dry.records_miscounted, dry.is_clean()),
            (2, false),
            "{dry}"
        );
        assert_eq!(album.usage().await?, Usage::default());

        let report = run(&album, Mode::Apply).await?;
        assert_eq!(report.records_miscounted, 2, "{report}");
        let usage = album.usage().await?;
        assert_eq!(usage, album.sum().await?);
        assert_eq!(usage.images, 2);
        let again = run(&album, Mode::Apply).await?;
        assert!(again.is_clean(), "{again}");
        album.invariant().await
    });
}

#[test]
fn a_usage_item_that_has_drifted_is_recomputed_whatever_is_in_it() {
    in_turn(|stack| async move {
        let album = album(stack, 2).await?;
        let right = album.sum().await?;
        assert_eq!(album.usage().await?, right);
        let damages: [&[(&str, AttributeValue)]; 4] = [
            &[("bytes", number(7)), ("images", number(99))],
            &[
                ("bytes", text("many")),
                ("images", AttributeValue::Bool(true)),
            ],
            &[("bytes", AttributeValue::N("-5".to_owned()))],
            // The item is gone.
            &[],
        ];
        for damage in damages {
            album.damage(damage).await?;
            let dry = run(&album, Mode::DryRun).await?;
            assert_eq!(
                (dry.usage_drift, dry.is_clean()),
                (1, false),
                "{damage:?}: {dry}"
            );
            let report = run(&album, Mode::Apply).await?;
            assert_eq!(report.usage_drift, 1, "{damage:?}: {report}");
            assert_eq!(album.usage().await?, right, "{damage:?}");
            let again = run(&album, Mode::Apply).await?;
            assert!(again.is_clean(), "{damage:?}: {again}");
        }
        Ok(())
    });
}

#[test]
fn a_usage_that_changed_within_the_grace_is_left_alone() {
    in_turn(|stack| async move {
        let album = album(stack, 1).await?;
        album.damage(&[("bytes", number(7))]).await?;
        let options = Options {
            grace: Duration::from_hours(1),
            ..fixtures::options(Mode::Apply)
        };
        let report = fixtures::run(stack, &options).await?;
        assert_eq!(report.usage_drift, 0, "{report}");
        assert_eq!(album.usage().await?.bytes, 7);
        let report = run(&album, Mode::Apply).await?;
        assert_eq!(report.usage_drift, 1, "{report}");
        Ok(())
    });
}

#[test]
fn an_original_beyond_the_quota_is_removed_within_the_budget() {
    in_turn(|stack| async move {
        let album = album(stack, 1).await?;
        let admin_store = fixtures::admin_store(stack)?;
        let identity = album.identity_id()?;
        admin_store.override_quota(&identity, None, Some(1)).await?;
        let usage = album.usage().await?;

        let image = Uuid::now_v7().to_string();
        let key = album.original(&image);
        fixtures::put(stack, &key, images::jpeg(99, 32)).await?;
        let (album, image) = (&album, &image);
        eventually("there is no room", || async move {
            let records = album.records().await?;
            let failure = records.get(image).and_then(|record| record.get("failure"));
            let code = failure.and_then(|failure| failure.as_m().ok()?.get("code"));
            Ok((code == Some(&text("over_quota"))).then_some(()))
        })
        .await?;
        assert_eq!(album.usage().await?, usage);

        let without_budget = Options {
            max_remove: 0,
            ..fixtures::options(Mode::Apply)
        };
        let report = fixtures::run(stack, &without_budget).await?;
        assert_eq!(
            (report.originals_over_quota, report.removed),
            (0, 0),
            "{report}"
        );
        assert!(!report.resume.is_empty(), "{report}");
        let dry = run(album, Mode::DryRun).await?;
        assert_eq!(dry.originals_over_quota, 1, "{dry}");
        assert!(fixtures::objects(stack, &key).await?.contains_key(&key));

        let report = run(album, Mode::Apply).await?;
        assert_eq!(report.originals_over_quota, 1, "{report}");
        assert!(fixtures::objects(stack, &key).await?.is_empty());
        eventually("its record is removed", || async move {
            Ok((!album.records().await?.contains_key(image)).then_some(()))
        })
        .await?;
        assert_eq!(album.usage().await?, usage);
        // The override stays, until it is removed.
        let item = admin_store.usage(&identity).await?.item();
        assert_eq!((item.max_bytes, item.max_images), (None, Some(1)));
        admin_store.override_quota(&identity, None, None).await?;
        let item = admin_store.usage(&identity).await?.item();
        assert_eq!(item.max_images, None);
        assert_eq!(item.usage, usage);
        Ok(())
    });
}

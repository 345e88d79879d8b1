//! Facts of records from before, and of stages that keep no places.

use aws_sdk_dynamodb::types::AttributeValue;
use integration_tests::{
    denial::text,
    images::photo::Photo,
    stack::{dynamodb, eventually},
};
use maintenance::reconcile::Mode;

use crate::{album::Album, fixtures, in_turn};

#[test]
fn a_record_of_an_earlier_version_gets_its_facts_once_and_no_place() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 2).await?;
        let [photo, plain] = album.images.as_slice() else {
            anyhow::bail!("two images");
        };
        let original = Photo {
            taken_at: Some("2019:07:06 05:04:03"),
            camera: Some(("Apple", "iPhone XS")),
            place: Some((35, 139)),
            ..Photo::default()
        };
        album.replace(photo, original.jpeg(64, 48)).await?;
        for image in [photo, plain] {
            let remove = dynamodb(stack)
                .update_item()
                .table_name(&stack.outputs().table_name)
                .key("identityId", text(&album.identity))
                .key("imageId", text(image))
                .update_expression("REMOVE factSet, takenAt, takenKey, cameraMake, cameraModel");
            remove.send().await?;
        }
        let dry = fixtures::run(stack, &fixtures::options(Mode::DryRun)).await?;
        assert_eq!((dry.facts_changed, dry.is_clean()), (2, false), "{dry}");
        let report = fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        assert_eq!(report.enqueued, 2, "{report}");
        let album = &album;
        eventually("the records have their facts", || async move {
            let records = album.records().await?;
            let have = records
                .values()
                .all(|record| record.contains_key("factSet"));
            Ok(have.then_some(()))
        })
        .await?;
        let records = album.records().await?;
        assert_eq!(records[photo]["takenAt"], text("2019-07-06T05:04:03"));
        assert_eq!(records[photo]["cameraModel"], text("iPhone XS"));
        // By default no place is kept.
        for name in ["latitude", "longitude"] {
            assert!(!records[photo].contains_key(name), "{name}");
        }
        assert!(!records[plain].contains_key("takenAt"));
        assert!(records[plain].contains_key("takenKey"));
        let again = fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        assert!(again.is_clean() && again.enqueued == 0, "{again}");
        Ok(())
    });
}

#[test]
fn a_place_that_is_no_longer_kept_is_removed() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 1).await?;
        let image = &album.images[0];
        dynamodb(stack)
            .update_item()
            .table_name(&stack.outputs().table_name)
            .key("identityId", text(&album.identity))
            .key("imageId", text(image))
            .update_expression("SET factSet = :f, latitude = :n, longitude = :n")
            .expression_attribute_values(":f", text("1-location"))
            .expression_attribute_values(":n", AttributeValue::N("12".to_owned()))
            .send()
            .await?;
        let report = fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        assert_eq!((report.facts_changed, report.enqueued), (1, 1), "{report}");
        let album = &album;
        eventually("the place is gone", || async move {
            let record = &album.records().await?[&album.images[0]];
            Ok(
                (!record.contains_key("latitude") && !record.contains_key("longitude"))
                    .then_some(()),
            )
        })
        .await
    });
}

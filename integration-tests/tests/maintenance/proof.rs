//! Reconciliation of a stack that was damaged without events.

use aws_sdk_dynamodb::types::AttributeValue;
use local::{console::line, stack::Stack};
use maintenance::reconcile::{Mode, Report};

use crate::{album::Album, fixtures, in_turn};
use integration_tests::images;

const EACH: usize = 25;

#[test]
fn a_run_repairs_damaged_data_and_a_second_run_does_nothing() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 160).await?;
        let clean = fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        assert!(clean.is_clean(), "{clean}");

        fixtures::without_notifications(stack, Box::pin(damage(&album))).await?;
        let damage = [album.originals().await?, album.variants().await?];
        let records = album.records().await?;
        assert!(album.invariant().await.is_err());

        let dry = fixtures::run(stack, &fixtures::options(Mode::DryRun)).await?;
        line(format_args!("run=dry {dry}"));
        assert_eq!((dry.enqueued, dry.removed), (0, 0));
        assert_eq!([album.originals().await?, album.variants().await?], damage);
        assert_eq!(album.records().await?, records);

        let first = fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        line(format_args!("run=first {first}"));
        let found = Report {
            enqueued: 5 * 25,
            removed: 25 * 4,
            budget_left: 1000 - 5 * 25,
            // The run itself changes the usage, and leaves what changed to the next.
            usage_drift: first.usage_drift,
            ..dry
        };
        assert_eq!(first, found);
        assert_eq!(
            [
                first.records_missing,
                first.records_stale,
                first.sets_changed,
                first.variants_missing,
                first.records_orphaned,
                first.variants_orphaned,
            ],
            // Missing: removed records, and those without `status`. Stale: overwritten originals,
            // and the other corruptions. Then the changed variant sets.
            [25 + 5, 25 + 15, 5, 50, 25, 75]
        );
        album.becomes_whole().await?;
        assert_eq!(album.originals().await?.len(), 135);

        let second = fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        line(format_args!("run=second {second}"));
        let nothing = Report {
            checked: second.checked,
            budget_left: 1000,
            usage_drift: second.usage_drift,
            ..Report::default()
        };
        assert_eq!(second, nothing);
        let third = fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        assert!(third.is_clean(), "{third}");
        Ok(())
    });
}

/// Damages 50 originals, 50 records and 50 variants: half of each are removed, half are corrupted.
async fn damage(album: &Album) -> anyhow::Result<()> {
    let stack = album.stack;
    let mut images = album.images.iter();
    let mut some = || images.by_ref().take(EACH).collect::<Vec<_>>();
    for image in some() {
        fixtures::delete(stack, &album.original(image)).await?;
    }
    for (number, image) in some().into_iter().enumerate() {
        let width = 300 + u32::try_from(number)?;
        fixtures::put(stack, &album.original(image), images::jpeg(width, 32)).await?;
    }
    for image in some() {
        fixtures::remove_record(stack, &album.identity, image).await?;
    }
    for (number, image) in some().into_iter().enumerate() {
        corrupt(stack, album, image, number).await?;
    }
    for image in some() {
        fixtures::delete(stack, &album.variant(image, "medium")).await?;
    }
    for image in some() {
        // The same size as before, so that only the ETag differs.
        let key = album.variant(image, "small");
        let object = stack
            .s3()
            .get_object()
            .bucket(&stack.outputs().bucket_name)
            .key(&key)
            .send()
            .await?;
        let mut bytes = object.body.collect().await?.to_vec();
        bytes.reverse();
        fixtures::put(stack, &key, bytes).await?;
    }
    Ok(())
}

/// Corrupts a record in one of five ways.
async fn corrupt(stack: &Stack, album: &Album, image: &str, number: usize) -> anyhow::Result<()> {
    let mut item = album.records().await?[image].clone();
    match number % 5 {
        0 => drop(item.remove("status")),
        1 => drop(item.insert("thumbnails".to_owned(), AttributeValue::L(Vec::new()))),
        2 => drop(item.insert("expiresAt".to_owned(), AttributeValue::N("1000".to_owned()))),
        3 => drop(item.insert("variantSet".to_owned(), fixtures::text("0-old"))),
        _ => drop(item.insert("original".to_owned(), AttributeValue::Bool(false))),
    }
    fixtures::put_item(stack, item).await
}

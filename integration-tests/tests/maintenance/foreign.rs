//! What belongs to no image: removed, and never at the cost of images.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::types::AttributeValue;
use integration_tests::images;
use local::stack::Stack;
use maintenance::reconcile::{Mode, Options, Report};

use crate::{album::Album, fixtures, in_turn};

/// Names of objects among a user's originals that are none.
const NAMES: [&str; 4] = [
    "film.mp4",
    "a/b/c.jpg",
    "0190a5d0-7bcd-4abc-8def-0123456789ab.jpg",
    "0190a5d0-7bcd-7abc-8def-0123456789ab",
];

fn at_once(mode: Mode) -> Options {
    Options {
        foreign_age: Duration::ZERO,
        ..fixtures::options(mode)
    }
}

async fn put_item(
    stack: &Stack,
    identity: &str,
    name: &str,
    expires_at: Option<u64>,
) -> anyhow::Result<()> {
    let texts = [
        ("identityId", identity.to_owned()),
        ("imageId", name.to_owned()),
        ("caption", "x".repeat(300_000)),
    ];
    let mut item: fixtures::Item = texts
        .map(|(name, value)| (name.to_owned(), fixtures::text(&value)))
        .into();
    if let Some(seconds) = expires_at {
        let number = AttributeValue::N(seconds.to_string());
        item.insert("expiresAt".to_owned(), number);
    }
    fixtures::put_item(stack, item).await
}

fn counts(report: &Report) -> [u64; 3] {
    [
        report.foreign_objects,
        report.foreign_items,
        report.foreign_removed,
    ]
}

#[test]
fn foreign_objects_and_items_are_removed_and_the_budget_of_images_stays_theirs() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 3).await?;
        let identity = &album.identity;
        for image in &album.images {
            fixtures::remove_record(stack, identity, image).await?;
        }
        let folder = format!("original-files/dev/{identity}/");
        for name in NAMES {
            fixtures::put(stack, &format!("{folder}{name}"), images::jpeg(8, 8)).await?;
        }
        // Four items to a page of 1 MB.
        for number in 0..8 {
            put_item(stack, identity, &format!("0190a5d0-{number}"), None).await?;
        }

        let report = fixtures::run(stack, &at_once(Mode::DryRun)).await?;
        assert_eq!(counts(&report), [4, 8, 0], "{report}");

        let few = Options {
            max_enqueue: 3,
            max_remove: 0,
            max_foreign: 5,
            ..at_once(Mode::Apply)
        };
        let report = fixtures::run(stack, &few).await?;
        assert_eq!(counts(&report), [4, 8, 5], "{report}");
        assert_eq!((report.enqueued, report.budget_left), (3, 0), "{report}");
        assert!(report.resume.is_empty(), "{report}");

        let report = fixtures::run(stack, &at_once(Mode::Apply)).await?;
        assert_eq!(counts(&report), [0, 7, 7], "{report}");
        let report = fixtures::run(stack, &at_once(Mode::Apply)).await?;
        assert_eq!(counts(&report), [0, 0, 0], "{report}");
        let left = fixtures::objects(stack, &folder).await?;
        assert_eq!(left.len(), album.images.len(), "{left:?}");
        album.becomes_whole().await
    });
}

#[test]
fn a_foreign_item_that_expires_soon_is_left_to_the_ttl_and_no_other_date_protects_one() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 1).await?;
        let identity = &album.identity;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let day = 86_400;
        for (name, expires_at) in [
            ("soon", now + day),
            ("late", now + 400 * day),
            ("past", now - day),
            ("never", u64::MAX),
        ] {
            put_item(stack, identity, name, Some(expires_at)).await?;
        }
        let report = fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        assert_eq!(counts(&report), [0, 3, 3], "{report}");
        let left = fixtures::records(stack, identity).await?;
        assert!(left.contains_key("soon"), "{:?}", left.keys());
        fixtures::remove_record(stack, identity, "soon").await?;
        album.invariant().await
    });
}

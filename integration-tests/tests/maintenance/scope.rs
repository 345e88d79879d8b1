//! The scope of a run: the data that it must not touch.

use std::time::Duration;

use common::identity_id::IdentityId;
use maintenance::reconcile::{Mode, Options, RunScope};

use crate::{album::Album, fixtures, in_turn};
use integration_tests::images;

#[test]
fn recent_changes_are_left_alone() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 2).await?;
        let [one, other] = album.images.as_slice() else {
            anyhow::bail!("two images");
        };
        fixtures::remove_record(stack, &album.identity, one).await?;
        fixtures::delete(stack, &album.variant(other, "small")).await?;
        let patient = Options {
            grace: Duration::from_hours(1),
            ..fixtures::options(Mode::Apply)
        };
        let report = fixtures::run(stack, &patient).await?;
        assert_eq!((report.enqueued, report.removed), (0, 0), "{report}");
        assert!(report.is_clean() && report.skipped_young >= 2, "{report}");
        assert!(album.invariant().await.is_err());
        fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        album.becomes_whole().await
    });
}

#[test]
fn other_stages_and_young_or_other_keys_are_left_alone() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 1).await?;
        let (identity, image) = (&album.identity, &album.images[0]);
        let theirs = [
            format!("thumbnails/prod/{identity}/{image}/small.jpg"),
            format!("thumbnails/dev2/{identity}/{image}/small.jpg"),
            format!("original-files/prod/{identity}/{image}.jpg"),
            format!("elsewhere/{image}.jpg"),
            format!("thumbnails/dev/{identity}/cat.jpg"),
            format!("thumbnails/dev/{identity}/{image}/a/small.jpg"),
            format!("original-files/dev/{identity}/young.jpg"),
        ];
        for key in &theirs {
            fixtures::put(stack, key, images::jpeg(16, 16)).await?;
        }
        // Of a user without images: that of the album's user counts its image.
        let usage = "usage#us-east-1:01234567-89ab-cdef-0123-456789abcdef".to_owned();
        fixtures::put_item(
            stack,
            [("identityId", usage.as_str()), ("imageId", "usage")]
                .map(|(name, value)| (name.to_owned(), fixtures::text(value)))
                .into(),
        )
        .await?;
        let report = fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        assert_eq!((report.enqueued, report.removed), (0, 0), "{report}");
        // The usage item belongs to a user.
        assert_eq!(report.unrelated, 3, "{report}");
        for key in &theirs {
            assert!(
                fixtures::objects(stack, key).await?.contains_key(key),
                "{key}"
            );
            fixtures::delete(stack, key).await?;
        }
        assert_eq!(report.foreign_removed, 0, "{report}");
        assert!(
            fixtures::records(stack, &usage)
                .await?
                .contains_key("usage")
        );
        fixtures::remove_record(stack, &usage, "usage").await?;
        album.invariant().await
    });
}

#[test]
fn a_run_for_one_user_leaves_the_others_alone() {
    in_turn(|stack| async move {
        let (alice, bob) = (Album::of(stack, 2).await?, Album::of(stack, 1).await?);
        for album in [&alice, &bob] {
            fixtures::remove_record(stack, &album.identity, &album.images[0]).await?;
        }
        let orphan = alice.variant("0190a5d0-7bcd-7abc-8def-0123456789ab", "small");
        fixtures::put(stack, &orphan, images::jpeg(16, 16)).await?;
        let of_alice = Options {
            extent: RunScope::User(IdentityId::parse(&alice.identity)?),
            ..fixtures::options(Mode::Apply)
        };
        let report = fixtures::run(stack, &of_alice).await?;
        assert_eq!(
            (report.checked, report.enqueued, report.removed),
            (3, 1, 1),
            "{report}"
        );
        alice.becomes_whole().await?;
        assert!(bob.records().await?.is_empty());
        fixtures::run(stack, &fixtures::options(Mode::Apply)).await?;
        bob.becomes_whole().await
    });
}

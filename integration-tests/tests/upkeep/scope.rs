//! What is none of a run's business.

use std::time::Duration;

use common::identity_id::IdentityId;
use upkeep::reconcile::{Extent, Mode, Options};

use crate::{album::Album, in_turn, pictures, things};

#[test]
fn what_changed_a_moment_ago_is_left_alone() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 2).await?;
        let [one, other] = album.images.as_slice() else {
            anyhow::bail!("two images");
        };
        things::remove_record(stack, &album.identity, one).await?;
        things::delete(stack, &album.variant(other, "small")).await?;
        let patient = Options {
            grace: Duration::from_hours(1),
            ..things::options(Mode::Apply)
        };
        let report = things::run(stack, &patient).await?;
        assert_eq!((report.enqueued, report.removed), (0, 0), "{report}");
        assert!(report.is_clean() && report.skipped_young >= 2, "{report}");
        assert!(album.invariant().await.is_err());
        things::run(stack, &things::options(Mode::Apply)).await?;
        album.becomes_whole().await
    });
}

#[test]
fn other_stages_and_other_keys_are_left_alone() {
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
        ];
        for key in &theirs {
            things::put(stack, key, pictures::jpeg(16, 16)).await?;
        }
        things::put_item(
            stack,
            [
                ("identityId", identity.as_str()),
                ("imageId", "cat"),
                ("status", "ready"),
            ]
            .map(|(name, value)| (name.to_owned(), things::text(value)))
            .into(),
        )
        .await?;
        let report = things::run(stack, &things::options(Mode::Apply)).await?;
        assert_eq!((report.enqueued, report.removed), (0, 0), "{report}");
        assert_eq!(report.foreign, 3, "{report}");
        for key in &theirs {
            assert!(
                things::objects(stack, key).await?.contains_key(key),
                "{key}"
            );
            things::delete(stack, key).await?;
        }
        assert!(album.records().await?.contains_key("cat"));
        things::remove_record(stack, identity, "cat").await?;
        album.invariant().await
    });
}

#[test]
fn a_run_for_one_drawer_leaves_the_others_alone() {
    in_turn(|stack| async move {
        let (alice, bob) = (Album::of(stack, 2).await?, Album::of(stack, 1).await?);
        for album in [&alice, &bob] {
            things::remove_record(stack, &album.identity, &album.images[0]).await?;
        }
        let orphan = alice.variant("0190a5d0-7bcd-7abc-8def-0123456789ab", "small");
        things::put(stack, &orphan, pictures::jpeg(16, 16)).await?;
        let of_alice = Options {
            extent: Extent::Drawer(IdentityId::parse(&alice.identity)?),
            ..things::options(Mode::Apply)
        };
        let report = things::run(stack, &of_alice).await?;
        assert_eq!(
            (report.checked, report.enqueued, report.removed),
            (3, 1, 1),
            "{report}"
        );
        alice.becomes_whole().await?;
        assert!(bob.records().await?.is_empty());
        things::run(stack, &things::options(Mode::Apply)).await?;
        bob.becomes_whole().await
    });
}

//! Erasure of a user.

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use common::{
    identity_id::IdentityId,
    keys::{KeyPrefix, KeyScope},
};
use local::stack::Stack;
use maintenance::erase::{Erasure, Mode, erase};

use crate::{album::Album, fixtures, in_turn};
use integration_tests::images;

async fn keep_versions(stack: &Stack, status: BucketVersioningStatus) -> anyhow::Result<()> {
    stack
        .s3()
        .put_bucket_versioning()
        .bucket(&stack.outputs().bucket_name)
        .versioning_configuration(VersioningConfiguration::builder().status(status).build())
        .send()
        .await?;
    Ok(())
}

async fn versions(stack: &Stack, prefix: &str) -> anyhow::Result<usize> {
    let listing = stack
        .s3()
        .list_object_versions()
        .bucket(&stack.outputs().bucket_name)
        .prefix(prefix)
        .send()
        .await?;
    Ok(listing.versions().len() + listing.delete_markers().len())
}

#[test]
fn erasing_a_user_leaves_nothing_of_theirs_and_everything_of_others() {
    in_turn(|stack| async move {
        keep_versions(stack, BucketVersioningStatus::Enabled).await?;
        let (alice, bob) = (Album::of(stack, 3).await?, Album::of(stack, 1).await?);
        fixtures::put(
            stack,
            &alice.original(&alice.images[0]),
            images::jpeg(99, 32),
        )
        .await?;
        fixtures::delete(stack, &alice.original(&alice.images[1])).await?;
        alice.becomes_whole().await?;
        keep_versions(stack, BucketVersioningStatus::Suspended).await?;

        // The user's objects that are no images, and other users' objects whose keys begin like the
        // user's.
        let identity = &alice.identity;
        let odd = [
            format!("original-files/dev/{identity}/cat.txt"),
            format!("thumbnails/dev/{identity}/x/y/z"),
        ];
        let others = [
            format!("original-files/dev/{identity}0/cat.txt"),
            format!("thumbnails/dev/{identity}0/x"),
            format!("original-files/prod/{identity}/cat.txt"),
        ];
        for key in odd.iter().chain(&others) {
            fixtures::put(stack, key, b"x".to_vec()).await?;
        }
        for (owner, image) in [(identity.clone(), "cat"), (format!("{identity}0"), "cat")] {
            let item = [("identityId", owner.as_str()), ("imageId", image)];
            let item = item.map(|(name, value)| (name.to_owned(), fixtures::text(value)));
            fixtures::put_item(stack, item.into()).await?;
        }

        let admin_store = fixtures::admin_store(stack)?;
        let parsed = IdentityId::parse(identity)?;
        let dry = erase(&admin_store, &parsed, Mode::DryRun).await?;
        assert_eq!(
            (dry.originals, dry.variants, dry.records),
            (3, 7, 4),
            "{dry}"
        );
        // Originals: 4 images, a marker and a text. Variants: at least 12, 3 markers and one more
        // object.
        assert!(dry.versions >= 6 + 16, "{dry}");
        assert_eq!(dry.left, dry.versions + dry.records);
        assert_eq!(alice.records().await?.len(), 3);

        let erasure = erase(&admin_store, &parsed, Mode::Erase).await?;
        assert_eq!(erasure, Erasure { left: 0, ..dry });
        for tree in ["original-files", "thumbnails"] {
            assert_eq!(
                versions(stack, &format!("{tree}/dev/{identity}/")).await?,
                0
            );
        }
        assert!(alice.records().await?.is_empty());
        let nothing = erase(&admin_store, &parsed, Mode::DryRun).await?;
        assert_eq!(nothing, Erasure::default());

        bob.invariant().await?;
        for key in &others {
            assert_eq!(versions(stack, key).await?, 1, "{key}");
            fixtures::delete(stack, key).await?;
        }
        let namesake = format!("{identity}0");
        assert_eq!(fixtures::records(stack, &namesake).await?.len(), 1);
        fixtures::remove_record(stack, &namesake, "cat").await
    });
}

#[test]
fn an_erasure_reaches_beyond_a_page() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 1).await?;
        let identity = IdentityId::parse(&album.identity)?;
        for number in 0..1010 {
            let key = format!("thumbnails/dev/{identity}/many/{number}");
            fixtures::put(stack, &key, b"x".to_vec()).await?;
        }
        let admin_store = fixtures::admin_store(stack)?;
        let erasure = erase(&admin_store, &identity, Mode::Erase).await?;
        assert_eq!((erasure.variants, erasure.left), (1013, 0), "{erasure}");
        let scope = KeyScope::User(identity);
        let page = admin_store
            .version_page(KeyPrefix::Variants, &scope, None)
            .await?;
        assert_eq!(page.versions, []);
        Ok(())
    });
}

//! Replayed events that arrive late.

use aws::job_queue::Job;
use common::{
    keys::{OriginalKey, Stage},
    s3_event,
    sequencer::Sequencer,
};

use crate::{album::Album, fixtures, in_turn};
use integration_tests::{images, stack::eventually};

/// Sends a replay, and waits until the worker has logged this outcome once more.
async fn replay(album: &Album, seen: Option<&Sequencer>, outcome: &str) -> anyhow::Result<()> {
    let key = album.original(&album.images[0]);
    album.more_outcomes(&key, "Ready", 0).await?;
    let before = album.outcomes(&key, outcome)?;
    let parsed = OriginalKey::parse(&Stage::parse("dev")?, &key)?;
    let job = Job {
        body: s3_event::replay(&album.stack.outputs().bucket_name, &parsed, seen),
        owner: parsed.identity.clone(),
    };
    let admin_store = fixtures::admin_store(album.stack)?;
    admin_store.job_queue().send_all(&[job]).await?;
    album.more_outcomes(&key, outcome, before).await
}

async fn sequencer(album: &Album) -> anyhow::Result<Sequencer> {
    let records = album.records().await?;
    let text = records[&album.images[0]]["sequencer"]
        .as_s()
        .expect("a text");
    Ok(Sequencer::parse(text)?)
}

#[test]
fn a_replay_of_the_recorded_event_is_processed_and_keeps_its_sequencer() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 1).await?;
        let seen = sequencer(&album).await?;
        replay(&album, Some(&seen), "Ready").await?;
        assert_eq!(sequencer(&album).await?, seen);
        album.invariant().await
    });
}

#[test]
fn a_replay_that_comes_after_a_later_event_changes_nothing() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 1).await?;
        let key = album.original(&album.images[0]);
        let seen = sequencer(&album).await?;
        album
            .replace(&album.images[0], images::jpeg(200, 100))
            .await?;
        let later = album.records().await?;
        assert!(sequencer(&album).await? > seen);
        for seen in [Some(&seen), None] {
            replay(&album, seen, "Outdated").await?;
        }
        assert_eq!(album.records().await?, later);
        album.invariant().await?;

        // After a removal, the replay restores nothing.
        fixtures::delete(stack, &key).await?;
        eventually("the image is gone", || async {
            Ok(album.records().await?.is_empty().then_some(()))
        })
        .await?;
        for seen in [Some(&seen), None] {
            replay(&album, seen, "Removed").await?;
        }
        album.invariant().await
    });
}

#[test]
fn a_record_created_by_a_replay_accepts_every_delayed_event() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 1).await?;
        let key = album.original(&album.images[0]);
        fixtures::remove_record(stack, &album.identity, &album.images[0]).await?;
        replay(&album, None, "Ready").await?;
        assert_eq!(sequencer(&album).await?, Sequencer::zero());
        fixtures::put(stack, &key, images::jpeg(200, 100)).await?;
        album.becomes_whole().await?;
        assert!(sequencer(&album).await? > Sequencer::zero());
        fixtures::delete(stack, &key).await?;
        album.becomes_whole().await
    });
}

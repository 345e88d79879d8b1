//! The variants of an image that fails after it was ready.

use aws::worker_store::{OriginalObject, Outcome, WorkerStore};
use common::{
    keys::{OriginalKey, Stage},
    record::Completion,
    s3_event,
    sequencer::Sequencer,
};
use local::stack::Stack;
use media::failure::{Failure, FailureCode};

use crate::{album::Album, fixtures, in_turn};

/// Processes the image with a worker that fails with this code.
async fn fail(album: &Album, code: FailureCode) -> anyhow::Result<()> {
    let key = OriginalKey::parse(&Stage::parse("dev")?, &album.original(&album.images[0]))?;
    let bucket = &album.stack.outputs().bucket_name;
    let record = &album.records().await?[&album.images[0]];
    let seen = record["sequencer"].as_s().expect("a text");
    let event = s3_event::replay(bucket, &key, Some(&Sequencer::parse(seen)?));
    let change = s3_event::parse(&event)?.remove(0);
    let complete = async |_: &OriginalKey, _: OriginalObject| -> anyhow::Result<Completion> {
        Ok(Completion::Failed(Failure::new(code, "as the test says")))
    };
    let worker_store = worker_store(album.stack)?;
    let outcome = worker_store
        .process_event(&change, u64::MAX, complete)
        .await?;
    assert_eq!(outcome, Outcome::Failed);
    Ok(())
}

fn worker_store(stack: &Stack) -> anyhow::Result<WorkerStore> {
    let outputs = stack.outputs();
    let config = stack.sdk_config().to_builder();
    Ok(WorkerStore::new(
        &config.endpoint_url(stack.s3_url()).build(),
        Stage::parse("dev")?,
        outputs.bucket_name.clone(),
        outputs.table_name.clone(),
    ))
}

#[test]
fn a_corrupt_image_loses_its_variants_and_a_timed_out_one_keeps_them() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 1).await?;
        let whole = album.variants().await?;
        assert_eq!(whole.len(), 3);

        // After a timeout, another worker may be about to complete the record with these variants.
        fail(&album, FailureCode::TimedOut).await?;
        assert_eq!(album.variants().await?, whole);
        let record = &album.records().await?[&album.images[0]];
        assert_eq!(fixtures::text("failed"), record["status"]);
        assert!(!record.contains_key("thumbnails"));

        fail(&album, FailureCode::Corrupt).await?;
        assert!(album.variants().await?.is_empty());
        Ok(())
    });
}

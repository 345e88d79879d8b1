//! Two workers with two originals of one key. The second overtakes the first, one of whose calls is
//! held.

use std::time::Duration;

use local::{proxy::faults::Held, stack::Stack};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::with_stack;
use crate::{
    FAULTS, alone,
    event_delivery::event,
    events::{IMAGE, LATER, TestObject},
};
use integration_tests::images;

const WORKER: &str = "hikidashi-dev-thumbnail";

/// Looks in a row that find no batch under way. A batch may have been received and not begun.
const IDLE_LOOKS: u32 = 10;

/// Holds a worker with an image of width 320 at the call, while another worker processes one of
/// width 400 that was put over it. Then `meanwhile` releases the first worker. No other worker
/// repairs the result.
async fn overtaken(
    stack: &'static Stack,
    operation: &'static str,
    meanwhile: impl AsyncFnOnce(&TestObject, Held) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let object = TestObject::new(stack).await?;
    disable_worker(stack).await?;
    let both = async {
        object.put(images::jpeg(320, 240)).await?;
        let mut held = FAULTS.hold(operation);
        let first = batch(stack, &object, LATER[0]);
        let second = async {
            held.reached().await?;
            object.put(images::jpeg(400, 200)).await?;
            let second = batch(stack, &object, LATER[1]);
            let answer = stack.invoke(WORKER, &second).await?;
            object.wait_until_ready(400).await?;
            meanwhile(&object, held).await?;
            Ok(answer)
        };
        let answers = tokio::try_join!(stack.invoke(WORKER, &first), second)?;
        object.wait_until_ready(400).await?;
        Ok(answers)
    };
    let answers: anyhow::Result<(Value, Value)> = both.await;
    stack.set_event_source_enabled(WORKER, true).await?;
    let (first, second) = answers?;
    let done = json!({"batchItemFailures": []});
    assert_eq!((&first, &second), (&done, &done));
    Ok(())
}

/// Stops the queue's batches, and waits for those that are under way: a call of theirs would be
/// held in place of the test's.
async fn disable_worker(stack: &Stack) -> anyhow::Result<()> {
    stack.set_event_source_enabled(WORKER, false).await?;
    let mut idle = 0;
    while idle < IDLE_LOOKS {
        let containers = stack.containers()?;
        let mut workers = containers.iter().filter(|one| one.function == WORKER);
        idle = if workers.all(|worker| worker.in_flight.is_none()) {
            idle + 1
        } else {
            0
        };
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn batch(stack: &Stack, object: &TestObject, sequencer: &str) -> Value {
    let change = event(stack, "ObjectCreated:Put", &object.key, sequencer).to_string();
    json!({"Records": [{"messageId": "1", "body": change, "attributes": {}}]})
}

/// The bucket decides: the first worker overwrites the second's variants, detects the later
/// original, and makes them again.
#[test]
fn variants_written_late_are_made_again_from_the_last_original() {
    let _alone = alone();
    with_stack(|stack| {
        overtaken(stack, "PutObject", async |_: &TestObject, held| {
            drop(held);
            Ok(())
        })
    });
}

/// The table's condition keeps the order, whatever the first worker does afterwards. Here, the
/// worker is held before each further read of the bucket.
#[test]
fn a_record_is_not_overwritten_by_an_earlier_event() {
    let _alone = alone();
    with_stack(|stack| {
        overtaken(
            stack,
            "TransactWriteItems",
            async |object: &TestObject, held| {
                // After a refused transaction, the worker reads the bucket to decide on a second
                // attempt. That is refused too.
                let mut before = held;
                for _ in 0..2 {
                    let looking = FAULTS.hold("GetObject");
                    drop(std::mem::replace(&mut before, looking));
                    before.reached().await?;
                    let (_, record) = object.user.get(&format!("/images/{IMAGE}")).await?;
                    anyhow::ensure!(record["width"] == 400, "{record}");
                }
                Ok(())
            },
        )
    });
}

/// The first worker writes a variant late, over the second's, and completes the record before the
/// second does. It does not look at the bucket again: the second finds the record completed by an
/// event of other bytes, and makes the variants again.
#[test]
fn variants_are_made_again_after_a_worker_that_was_late_and_completed_first() {
    let _alone = alone();
    with_stack(|stack| async move {
        let object = TestObject::new(stack).await?;
        // As after an upload through the API.
        object.add_record().await?;
        disable_worker(stack).await?;
        let both = async {
            object.put(images::jpeg(320, 240)).await?;
            let mut writes_variant = FAULTS.hold("PutObject");
            let first = batch(stack, &object, LATER[0]);
            let second = batch(stack, &object, LATER[1]);
            let (completed_first, completes) = (Notify::new(), &Notify::new());
            let first = async {
                let answer = stack.invoke(WORKER, &first).await?;
                let (_, record) = object.user.get(&format!("/images/{IMAGE}")).await?;
                anyhow::ensure!(record["width"] == 320, "{record}");
                completed_first.notify_one();
                Ok(answer)
            };
            let second = async {
                completes.notified().await;
                stack.invoke(WORKER, &second).await
            };
            let order = async {
                writes_variant.reached().await?;
                object.put(images::jpeg(400, 200)).await?;
                let mut completes_record = FAULTS.hold("TransactWriteItems");
                completes.notify_one();
                completes_record.reached().await?;
                drop(writes_variant);
                completed_first.notified().await;
                drop(completes_record);
                Ok(())
            };
            let (first, second, ()) = tokio::try_join!(first, second, order)?;
            object.wait_until_ready(400).await?;
            anyhow::Ok((first, second))
        };
        let answers = both.await;
        stack.set_event_source_enabled(WORKER, true).await?;
        let done = json!({"batchItemFailures": []});
        assert_eq!(answers?, (done.clone(), done));
        Ok(())
    });
}

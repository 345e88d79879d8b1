//! Two workers with two originals of one key, the second of whom is faster: a call of the first is held.

use local::{proxy::faults::Held, stack::Stack};
use serde_json::{Value, json};

use crate::with_stack;
use crate::{
    FAULTS, alone,
    event_delivery::event,
    events::{IMAGE, LATER, Told},
};
use integration_tests::images;

const WORKER: &str = "hikidashi-dev-thumbnail";

/// A worker with a picture of 320 waits at the call, while another worker does one of 400 that was put over it. Then it is
/// for `meanwhile` to let the first go on. No other worker comes to mend what these two leave.
async fn overtaken(
    stack: &'static Stack,
    operation: &'static str,
    meanwhile: impl AsyncFnOnce(&Told, Held) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let told = Told::new(stack).await?;
    stack.set_event_source_enabled(WORKER, false).await?;
    let both = async {
        told.put(images::jpeg(320, 240)).await?;
        let mut held = FAULTS.hold(operation);
        let first = batch(stack, &told, LATER[0]);
        let second = async {
            held.reached().await?;
            told.put(images::jpeg(400, 300)).await?;
            let second = batch(stack, &told, LATER[1]);
            let answer = stack.invoke(WORKER, &second).await?;
            told.shows(400).await?;
            meanwhile(&told, held).await?;
            Ok(answer)
        };
        let answers = tokio::try_join!(stack.invoke(WORKER, &first), second)?;
        told.shows(400).await?;
        Ok(answers)
    };
    let answers: anyhow::Result<(Value, Value)> = both.await;
    stack.set_event_source_enabled(WORKER, true).await?;
    let (first, second) = answers?;
    let done = json!({"batchItemFailures": []});
    assert_eq!((&first, &second), (&done, &done));
    Ok(())
}

fn batch(stack: &Stack, told: &Told, sequencer: &str) -> Value {
    let change = event(stack, "ObjectCreated:Put", &told.key, sequencer).to_string();
    json!({"Records": [{"messageId": "1", "body": change, "attributes": {}}]})
}

/// The bucket has the last word: what the first wrote over the second's variants, it writes over again.
#[test]
fn variants_that_land_late_are_made_again_from_the_last_original() {
    let _alone = alone();
    with_stack(|stack| {
        overtaken(stack, "PutObject", async |_: &Told, held| {
            drop(held);
            Ok(())
        })
    });
}

/// The table keeps order by itself, whatever becomes of the first worker afterwards: here it waits before it looks again.
#[test]
fn a_record_is_not_written_over_by_an_earlier_event() {
    let _alone = alone();
    with_stack(|stack| {
        overtaken(stack, "UpdateItem", async |told: &Told, held| {
            // Refused, it asks the bucket whether to insist; and then, refused again, for the last time.
            let mut before = held;
            for _ in 0..2 {
                let looking = FAULTS.hold("GetObject");
                drop(std::mem::replace(&mut before, looking));
                before.reached().await?;
                let (_, record) = told.person.get(&format!("/images/{IMAGE}")).await?;
                anyhow::ensure!(record["width"] == 400, "{record}");
            }
            Ok(())
        })
    });
}

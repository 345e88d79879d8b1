//! Two workers with two originals of one key, the second of whom is faster: a call of the first is held.

use local::{door::faults::Held, stack::Stack};
use serde_json::json;

use crate::{
    FAULTS, alone,
    events::{IMAGE, LATER, Told},
    pictures,
    post::event,
    world::with_stack,
};

const WORKER: &str = "hikidashi-dev-thumbnail";

/// A picture of 320 whose worker waits at the call, and one of 400 over it that another worker has done meanwhile.
async fn overtaken(stack: &'static Stack, operation: &'static str) -> anyhow::Result<(Told, Held)> {
    let told = Told::new(stack).await?;
    let mut held = FAULTS.hold(operation);
    told.put(pictures::jpeg(320, 240)).await?;
    held.reached().await?;
    told.put(pictures::jpeg(400, 300)).await?;
    let change = event(stack, "ObjectCreated:Put", &told.key, LATER[0]);
    let message = json!({"messageId": "second", "body": change.to_string(), "attributes": {}});
    let answer = stack.invoke(WORKER, &json!({"Records": [message]})).await?;
    assert_eq!(answer["batchItemFailures"], json!([]), "{answer}");
    told.shows(400).await?;
    Ok((told, held))
}

/// The bucket has the last word: what the first wrote over the second's variants, it writes over again.
#[test]
fn variants_that_land_late_are_made_again_from_the_last_original() {
    let _alone = alone();
    with_stack(|stack| async move {
        let (told, held) = overtaken(stack, "PutObject").await?;
        drop(held);
        told.all_handled().await?;
        told.shows(400).await?;
        Ok(())
    });
}

/// The table keeps order by itself, whatever becomes of the first worker afterwards: here it waits before it looks again.
#[test]
fn a_record_is_not_written_over_by_an_earlier_event() {
    let _alone = alone();
    with_stack(|stack| async move {
        let (told, held) = overtaken(stack, "UpdateItem").await?;
        // Refused, it asks the bucket whether to insist; and then, refused again, for the last time.
        let mut before = held;
        for _ in 0..2 {
            let looking = FAULTS.hold("GetObject");
            drop(std::mem::replace(&mut before, looking));
            before.reached().await?;
            let (_, record) = told.person.get(&format!("/images/{IMAGE}")).await?;
            assert_eq!(record["width"], 400, "{record}");
        }
        drop(before);
        told.all_handled().await?;
        told.shows(400).await?;
        Ok(())
    });
}

//! The reconciliation function, with its own role.

use anyhow::{Context, ensure};
use local::{deploy::root, stack::Stack};
use maintenance::reconcile::Report;
use serde_json::{Value, json};

use crate::{album::Album, fixtures, in_turn};
use integration_tests::images;

const CHECKPOINT: &str = "reconcile/dev/checkpoint";

async fn invoke(stack: &Stack, order: Value) -> anyhow::Result<Report> {
    let url = format!(
        "{}/2015-03-31/functions/hikidashi-dev-reconcile/invocations",
        stack.fakecloud_url()
    );
    let answer = reqwest::Client::new()
        .post(url)
        .header("authorization", root::authorization("lambda"))
        .json(&order)
        .send()
        .await?
        .text()
        .await?;
    serde_json::from_str(&answer).context(answer)
}

async fn checkpoint(stack: &Stack) -> anyhow::Result<String> {
    let object = stack
        .s3()
        .get_object()
        .bucket(&stack.outputs().bucket_name)
        .key(CHECKPOINT)
        .send()
        .await?;
    Ok(String::from_utf8(object.body.collect().await?.to_vec())?)
}

#[test]
fn the_function_repairs_data_with_the_permissions_of_its_role() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 6).await?;
        let [
            no_record,
            no_variant,
            no_original,
            nothing_but_a_record,
            left_over,
            _,
        ] = album.images.as_slice()
        else {
            anyhow::bail!("six images");
        };
        fixtures::without_notifications(
            stack,
            Box::pin(async {
                fixtures::remove_record(stack, &album.identity, no_record).await?;
                fixtures::delete(stack, &album.variant(no_variant, "large")).await?;
                for image in [no_original, nothing_but_a_record] {
                    fixtures::delete(stack, &album.original(image)).await?;
                }
                for name in ["small", "medium", "large"] {
                    fixtures::delete(stack, &album.variant(nothing_but_a_record, name)).await?;
                }
                fixtures::put(
                    stack,
                    &album.variant(left_over, "huge"),
                    images::jpeg(16, 16),
                )
                .await
            }),
        )
        .await?;

        let scheduled = json!({"source": "aws.events", "detail-type": "Scheduled Event"});
        let dry = invoke(stack, scheduled).await?;
        ensure!((dry.enqueued, dry.removed) == (0, 0), "{dry}");
        let report = invoke(stack, json!({"apply": true})).await?;
        let found = Report {
            enqueued: 2,
            removed: 6,
            budget_left: 998,
            // The run itself changes the usage, and leaves what changed to the next.
            usage_drift: report.usage_drift,
            ..dry
        };
        assert_eq!(report, found);
        assert_eq!(checkpoint(stack).await?, "");
        album.becomes_whole().await?;
        invoke(stack, json!({"apply": true})).await?;
        let again = invoke(stack, json!({"apply": true})).await?;
        ensure!(
            again.is_clean() && again.enqueued == 0 && again.removed == 0,
            "{again}"
        );
        Ok(())
    });
}

#[test]
fn the_function_goes_on_from_its_checkpoint_and_then_from_the_beginning() {
    in_turn(|stack| async move {
        let album = Album::of(stack, 3).await?;
        for image in &album.images {
            fixtures::remove_record(stack, &album.identity, image).await?;
        }
        let after_the_second = format!("bucket:{}/{}", album.identity, album.images[1]);
        fixtures::put(stack, CHECKPOINT, after_the_second.into()).await?;
        let report = invoke(stack, json!({"apply": true})).await?;
        assert_eq!(report.enqueued, 1, "{report}");
        assert_eq!(checkpoint(stack).await?, "");
        let report = invoke(stack, json!({"apply": true})).await?;
        // The worker may not have finished the third image in the first run.
        assert!((2..=3).contains(&report.enqueued), "{report}");
        album.becomes_whole().await?;
        // Records that were removed behind the pipeline's back are counted twice until then.
        invoke(stack, json!({"apply": true})).await?;

        fixtures::put(stack, CHECKPOINT, b"no checkpoint".to_vec()).await?;
        let report = invoke(stack, json!({"apply": true})).await?;
        assert!(report.checked >= 3 && report.is_clean(), "{report}");
        Ok(())
    });
}

#[test]
fn one_line_of_the_log_has_the_report_of_a_run() {
    in_turn(|stack| async move {
        let report = invoke(stack, json!({"apply": true})).await?;
        let log = stack
            .logs()
            .join("containers/logs/hikidashi-dev-reconcile.log");
        let log = std::fs::read_to_string(log)?;
        let mut lines = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let last = lines
            .rfind(|line| line["message"] == "reconciled")
            .context("a line")?;
        assert_eq!(last["level"], "INFO");
        assert_eq!(last["apply"], true);
        for (name, value) in json!(report).as_object().context("an object")? {
            assert_eq!(&last[name], value, "{name} in {last}");
        }
        Ok(())
    });
}

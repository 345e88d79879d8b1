//! A check of the dispatcher that needs every permission of its role.

use anyhow::ensure;
use serde_json::json;

use crate::{
    call::lambda, reconcile_check::carry_out, signed_client::Wire, target::Target, user::Principal,
};

/// An image id without an upload: the worker finds nothing.
const NO_IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ae";

/// Invokes the dispatcher, which sends the event to the worker. Without its right to do so, the
/// event would reach the worker too, with the retries.
pub(crate) async fn pass(target: &Target) -> anyhow::Result<()> {
    let wire = Wire::new()?;
    let operator = target.operator().await?;
    let principal = Principal::new(target, &wire).await?;
    let key = format!(
        "original-files/{}/{}/{NO_IMAGE}.jpg",
        target.stage, principal.identity
    );
    let body = json!({"Records": [{
        "eventSource": "aws:s3", "eventName": "ObjectRemoved:Delete",
        "s3": {"bucket": {"name": target.outputs.bucket_name}, "object": {"key": key, "sequencer": "01"}},
    }]});
    let event = json!({"Records": [
        {"messageId": "removed", "eventSource": "aws:sqs", "body": body.to_string()},
    ]});
    let invocations = format!(
        "/2015-03-31/functions/{}/invocations",
        target.function("dispatch")
    );
    let invoke = lambda("POST", &invocations).body(event.to_string());
    let answer = carry_out(target, &wire, &operator, &invoke).await?;
    ensure!(!answer.contains("removed"), "not dispatched: {answer}");
    Ok(())
}

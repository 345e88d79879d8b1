//! Direct invocation of functions, and what feeds them.

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::Stack;
use crate::deploy::root;

impl Stack {
    /// Invokes a function and waits for its response. A function error is an error here too.
    pub async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<Value> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        invoke(&http, self.fakecloud_url(), function, event).await
    }

    /// Enables or disables the event source mappings of a function. Its name may be given by its
    /// end.
    pub async fn set_event_source_enabled(
        &self,
        function: &str,
        is_enabled: bool,
    ) -> anyhow::Result<()> {
        self.event_sources.enable(function, is_enabled).await
    }
}

/// Invokes a function and waits for its response. A function error is an error here too.
pub(super) async fn invoke(
    http: &reqwest::Client,
    fakecloud_url: &str,
    function: &str,
    event: &Value,
) -> anyhow::Result<Value> {
    let answer = http
        .post(format!(
            "{fakecloud_url}/2015-03-31/functions/{function}/invocations"
        ))
        .header("authorization", root::authorization("lambda"))
        .json(event)
        .send()
        .await?;
    let is_good =
        answer.status().is_success() && !answer.headers().contains_key("x-amz-function-error");
    let text = answer.text().await?;
    ensure!(is_good, "{function} failed: {text}");
    serde_json::from_str(&text).with_context(|| format!("{function} said {text}"))
}

//! Direct invocation of functions.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::Stack;
use crate::deploy::root;

impl Stack {
    /// Invokes a function and waits for its response. A function error is an error here too.
    pub async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<Value> {
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()?
            .post(format!(
                "{}/2015-03-31/functions/{function}/invocations",
                self.fakecloud_url()
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

    /// Enables or disables the event source mappings of a function. Its name may be given by its
    /// end.
    pub async fn set_event_source_enabled(
        &self,
        function: &str,
        is_fed: bool,
    ) -> anyhow::Result<()> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let all = format!("{}/2015-03-31/event-source-mappings", self.fakecloud_url());
        let authorization = root::authorization("lambda");
        let listed = http
            .get(format!("{all}/"))
            .header("authorization", &authorization);
        let listed: Value = listed.send().await?.json().await?;
        let of_the_function: Vec<&str> = listed["EventSourceMappings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|mapping| {
                let arn = mapping["FunctionArn"].as_str();
                arn.is_some_and(|arn| arn.ends_with(function))
            })
            .filter_map(|mapping| mapping["UUID"].as_str())
            .collect();
        ensure!(
            !of_the_function.is_empty(),
            "{function} has no queue in {listed}"
        );
        for id in of_the_function {
            let answer = http
                .put(format!("{all}/{id}"))
                .header("authorization", &authorization)
                .json(&json!({"Enabled": is_fed}))
                .send()
                .await?;
            ensure!(answer.status().is_success(), "{}", answer.text().await?);
        }
        Ok(())
    }
}

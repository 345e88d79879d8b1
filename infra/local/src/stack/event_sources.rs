//! Keeping a function from its queues, and giving them back.

use anyhow::ensure;
use serde_json::{Value, json};

use super::Stack;
use crate::deploy::root;

impl Stack {
    /// Lets a function have its queues' messages, or lets them wait. Its name may be given by how it ends.
    pub async fn feed(&self, function: &str, is_fed: bool) -> anyhow::Result<()> {
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

//! Lambda's API, as far as it is needed here.

use local::{deploy::root, stack::Stack};
use serde_json::Value;

/// Calls as root.
#[derive(Clone, Debug)]
pub(crate) struct Lambda {
    http: reqwest::Client,
    url: String,
}

impl Lambda {
    pub(crate) fn new(stack: &Stack) -> anyhow::Result<Self> {
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            url: format!("{}/2015-03-31", stack.fakecloud_url()),
        })
    }

    /// The function's response; `None` where it failed or died.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> Option<Value> {
        let answer = self
            .http
            .post(format!("{}/functions/{function}/invocations", self.url))
            .header("authorization", root::authorization("lambda"))
            .json(event)
            .send()
            .await
            .ok()?;
        let is_good =
            answer.status().is_success() && !answer.headers().contains_key("x-amz-function-error");
        if is_good {
            answer.json().await.ok()
        } else {
            None
        }
    }
}

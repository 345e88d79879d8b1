//! What the emulator leaves to its users: moving messages that were received too often to their dead-letter queues.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::deploy::expectation::Deployed;

/// Less than a person notices.
const EVERY: Duration = Duration::from_millis(500);

/// Looks at all queues again and again, until it is dropped.
#[derive(Debug)]
pub(super) struct Redrive(JoinHandle<()>);

impl Redrive {
    pub(super) fn start(fakecloud_url: &str, deployed: &[Deployed]) -> anyhow::Result<Self> {
        let urls: Vec<String> = deployed
            .iter()
            .filter(|resource| resource.kind == "AWS::SQS::Queue")
            .filter_map(|queue| queue.physical_id.rsplit('/').next())
            .map(|name| format!("{fakecloud_url}/_fakecloud/sqs/{name}/force-dlq"))
            .collect();
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self(tokio::spawn(async move {
            loop {
                for url in &urls {
                    // The emulator ends before this does; whether it still answers, others find out.
                    if let Err(error) = http.post(url).send().await {
                        tracing::debug!(%error, "nothing is moved");
                    }
                }
                tokio::time::sleep(EVERY).await;
            }
        })))
    }
}

impl Drop for Redrive {
    fn drop(&mut self) {
        self.0.abort();
    }
}

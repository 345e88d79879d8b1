//! Redrive of messages to their dead-letter queues, which the emulator does only when told to.
//!
//! Messages keep their receive count, so a message that has failed once arrives in the retry queue
//! with a count of one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::deploy::expectation::Deployed;

/// Redrive interval, short enough that hardly any message is received once too often meanwhile.
const EVERY: Duration = Duration::from_millis(100);

/// A task that redrives all queues repeatedly until it is dropped.
#[derive(Debug)]
pub(super) struct Redrive {
    task: JoinHandle<()>,
    urls: Urls,
}

/// Redrive URL of each queue, by the queue's name.
type Urls = Arc<Mutex<BTreeMap<String, String>>>;

impl Redrive {
    pub(super) fn start(fakecloud_url: &str, deployed: &[Deployed]) -> anyhow::Result<Self> {
        let urls = deployed
            .iter()
            .filter(|resource| resource.kind == "AWS::SQS::Queue")
            .map(|queue| name_of(&queue.physical_id))
            .map(|name| {
                let url = format!("{fakecloud_url}/_fakecloud/sqs/{name}/force-dlq");
                (name.to_owned(), url)
            })
            .collect();
        let urls = Arc::new(Mutex::new(urls));
        let http = reqwest::Client::builder().no_proxy().build()?;
        let asked = Arc::clone(&urls);
        let task = tokio::spawn(async move {
            loop {
                let now: Vec<String> = locked(&asked).values().cloned().collect();
                for url in now {
                    // The emulator stops before this task does; other parts of the stack report
                    // that.
                    if let Err(error) = http.post(url).send().await {
                        tracing::debug!(%error, "no message is redriven");
                    }
                }
                tokio::time::sleep(EVERY).await;
            }
        });
        Ok(Self { task, urls })
    }

    /// Excludes a queue: `ReceiveMessage` redrives messages by itself, and a forced redrive would
    /// take messages that are in flight from their receiver.
    pub(super) fn leave(&self, queue_url: &str) {
        locked(&self.urls).remove(name_of(queue_url));
    }
}

fn locked(urls: &Urls) -> MutexGuard<'_, BTreeMap<String, String>> {
    urls.lock().unwrap_or_else(PoisonError::into_inner)
}

fn name_of(queue_url: &str) -> &str {
    queue_url.rsplit('/').next().unwrap_or_default()
}

impl Drop for Redrive {
    fn drop(&mut self) {
        self.task.abort();
    }
}

//! What the emulator leaves to its users: moving messages that were received too often to their
//! dead-letter queues.
//!
//! They keep their count there, so that a message that has failed once has already been counted
//! once in the queue of retries.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::deploy::expectation::Deployed;

/// Often enough that hardly any message is delivered once too often meanwhile.
const EVERY: Duration = Duration::from_millis(100);

/// Looks at all queues again and again, until it is dropped.
#[derive(Debug)]
pub(super) struct Redrive {
    task: JoinHandle<()>,
    urls: Urls,
}

/// What to ask for each queue, by its name.
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
                    // The emulator ends before this does; whether it still answers, others find
                    // out.
                    if let Err(error) = http.post(url).send().await {
                        tracing::debug!(%error, "nothing is moved");
                    }
                }
                tokio::time::sleep(EVERY).await;
            }
        });
        Ok(Self { task, urls })
    }

    /// `ReceiveMessage` moves messages by itself, and in time: those that it has handed out stay
    /// with their receiver.
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

//! The event source mappings of the functions: receives from the queues as Lambda's pollers do, and
//! invokes the functions.
//!
//! The emulator has a poller of its own, which this one replaces. That one takes the messages out
//! of the queue's state, in the order in which they were sent: fairness between message groups, and
//! the redrive of messages that were received too often, are in the emulator's `ReceiveMessage`
//! only. (Its fair order puts the groups with the fewest messages in flight first. SQS does so once
//! a group has a disproportionate share of them.)

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use aws_sdk_sqs::{
    Client,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
        MessageSystemAttributeName, QueueAttributeName::ApproximateNumberOfMessages as Number,
    },
};
use serde_json::{Value, json};
use tokio::{sync::RwLock, task::JoinSet};

use crate::deploy::root;

use super::lambda;

/// The time between two looks at an empty queue.
const EVERY: Duration = Duration::from_millis(25);

/// The number of looks after which an empty queue is received from all the same: only then does the
/// emulator look for messages in flight that are visible again. A look is cheap; a receive makes it
/// write a kept state to disk.
const LOOKS: u32 = 400;

/// The time after which failed messages return. SQS waits for the visibility timeout, of minutes.
const BEFORE_RETRY: Duration = Duration::from_millis(500);

/// The batches of a source at once, where a batch may have several messages. Two cores are busy
/// with two, and a fair order shows only where more than one batch is in flight.
const AT_ONCE: usize = 2;

/// The mappings, served until they are dropped.
#[derive(Debug)]
pub(super) struct EventSources {
    sources: Vec<Arc<Source>>,
    /// Held so that they end when dropped.
    _pollers: JoinSet<()>,
}

/// One mapping of a queue to a function.
#[derive(Debug)]
struct Source {
    function: String,
    queue_arn: String,
    queue_url: String,
    batch_size: i32,
    /// Whether it receives. A poller holds the lock while it does.
    is_enabled: RwLock<bool>,
    fakecloud_url: String,
    http: reqwest::Client,
    sqs: Client,
}

impl EventSources {
    /// Takes the mappings over from the emulator.
    pub(super) async fn start(
        config: &aws_config::SdkConfig,
        batches_at_once: Option<usize>,
    ) -> anyhow::Result<Self> {
        let url = config
            .endpoint_url()
            .context("the emulator has an address")?;
        let sqs = Client::new(config);
        let mut sources = Vec::new();
        let mut pollers = JoinSet::new();
        for mapping in take_over(url).await? {
            let source = Arc::new(Source::new(&mapping, &sqs, url).await?);
            let several = batches_at_once.unwrap_or(AT_ONCE);
            let at_once = if source.batch_size > 1 { several } else { 1 };
            for _ in 0..at_once {
                pollers.spawn(Arc::clone(&source).poll());
            }
            sources.push(source);
        }
        Ok(Self {
            sources,
            _pollers: pollers,
        })
    }

    /// Enables or disables the mappings of a function, which may be given by the end of its name.
    /// Once disabled, they receive nothing; batches that are in flight go on.
    pub(super) async fn enable(&self, function: &str, is_enabled: bool) -> anyhow::Result<()> {
        let mut any = false;
        for source in &self.sources {
            if source.function.ends_with(function) {
                any = true;
                *source.is_enabled.write().await = is_enabled;
            }
        }
        ensure!(any, "{function} has no queue");
        Ok(())
    }
}

/// Disables the emulator's poller, and returns its mappings.
async fn take_over(url: &str) -> anyhow::Result<Vec<Value>> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let all = format!("{url}/2015-03-31/event-source-mappings");
    let authorization = root::authorization("lambda");
    let listed = http
        .get(format!("{all}/"))
        .header("authorization", &authorization);
    let mut listed: Value = listed.send().await?.json().await?;
    let Value::Array(mappings) = listed["EventSourceMappings"].take() else {
        anyhow::bail!("the emulator lists no event source mappings");
    };
    // An update may leave one that the template disables as it was.
    for mapping in mappings.iter().filter(|one| one["State"] == "Enabled") {
        let id = mapping["UUID"].as_str().unwrap_or_default();
        let answer = http
            .put(format!("{all}/{id}"))
            .header("authorization", &authorization)
            .json(&json!({"Enabled": false}))
            .send()
            .await?;
        ensure!(answer.status().is_success(), "{}", answer.text().await?);
    }
    Ok(mappings)
}

impl Source {
    async fn new(mapping: &Value, sqs: &Client, fakecloud_url: &str) -> anyhow::Result<Self> {
        let text = |name| {
            let value = mapping[name].as_str();
            value.with_context(|| format!("an event source mapping has no {name}"))
        };
        let (function, queue_arn) = (text("FunctionArn")?, text("EventSourceArn")?);
        let last = |arn: &str| arn.rsplit(':').next().unwrap_or_default().to_owned();
        let asked = sqs.get_queue_url().queue_name(last(queue_arn)).send();
        let queue_url = asked.await?.queue_url.context("a queue has no URL")?;
        Ok(Self {
            function: last(function),
            queue_arn: queue_arn.to_owned(),
            queue_url,
            batch_size: i32::try_from(mapping["BatchSize"].as_i64().unwrap_or(10))?,
            is_enabled: RwLock::new(true),
            fakecloud_url: fakecloud_url.to_owned(),
            http: reqwest::Client::builder().no_proxy().build()?,
            sqs: sqs.clone(),
        })
    }

    async fn poll(self: Arc<Self>) {
        let mut looks = 0;
        loop {
            looks = (looks + 1) % LOOKS;
            let is_empty = looks > 0 && self.is_empty().await.unwrap_or(false);
            if is_empty {
                tokio::time::sleep(EVERY).await;
                continue;
            }
            match self.receive_and_invoke().await {
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(EVERY).await,
                Err(error) => {
                    // The emulator stops before this task does; other parts of the stack report
                    // that.
                    tracing::debug!(queue = self.queue_url, %error, "nothing is received");
                    tokio::time::sleep(BEFORE_RETRY).await;
                }
            }
        }
    }

    async fn is_empty(&self) -> anyhow::Result<bool> {
        let asked = self.sqs.get_queue_attributes().queue_url(&self.queue_url);
        let asked = asked.attribute_names(Number).send().await?;
        let number = asked.attributes.and_then(|mut all| all.remove(&Number));
        Ok(number.as_deref() == Some("0"))
    }

    /// Returns whether there was a message.
    async fn receive_and_invoke(&self) -> anyhow::Result<bool> {
        let messages = self.receive().await?;
        if messages.is_empty() {
            return Ok(false);
        }
        let records: Vec<Value> = messages.iter().map(|one| self.record(one)).collect();
        let event = json!({ "Records": records });
        let answer = lambda::invoke(&self.http, &self.fakecloud_url, &self.function, &event).await;
        if let Err(error) = &answer {
            tracing::debug!(function = self.function, %error, "a batch failed");
        }
        let has_failed = |message: &Message| match &answer {
            Err(_) => true,
            Ok(answer) => has_failed(answer, message),
        };
        let (failed, done): (Vec<_>, Vec<_>) = messages.iter().partition(|one| has_failed(one));
        self.delete(&done).await?;
        self.give_back(&failed).await?;
        Ok(true)
    }

    async fn receive(&self) -> anyhow::Result<Vec<Message>> {
        let is_enabled = self.is_enabled.read().await;
        if !*is_enabled {
            return Ok(Vec::new());
        }
        let received = self
            .sqs
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(self.batch_size.min(10))
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .wait_time_seconds(0)
            .send()
            .await?;
        Ok(received.messages.unwrap_or_default())
    }

    /// The record of an SQS event.
    fn record(&self, message: &Message) -> Value {
        let attributes: serde_json::Map<String, Value> = message
            .attributes
            .iter()
            .flatten()
            .map(|(name, value)| (name.as_str().to_owned(), json!(value)))
            .collect();
        json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": attributes,
            "messageAttributes": {},
            "md5OfBody": message.md5_of_body,
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue_arn,
            "awsRegion": root::REGION,
        })
    }

    async fn delete(&self, messages: &[&Message]) -> anyhow::Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let entries = handles(messages).map(|(id, handle)| {
            let entry = DeleteMessageBatchRequestEntry::builder();
            entry.id(id).receipt_handle(handle).build()
        });
        self.sqs
            .delete_message_batch()
            .queue_url(&self.queue_url)
            .set_entries(Some(entries.collect::<Result<_, _>>()?))
            .send()
            .await?;
        Ok(())
    }

    /// Makes messages visible again, after a pause.
    async fn give_back(&self, messages: &[&Message]) -> anyhow::Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(BEFORE_RETRY).await;
        let entries = handles(messages).map(|(id, handle)| {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder();
            let entry = entry.id(id).receipt_handle(handle);
            entry.visibility_timeout(0).build()
        });
        self.sqs
            .change_message_visibility_batch()
            .queue_url(&self.queue_url)
            .set_entries(Some(entries.collect::<Result<_, _>>()?))
            .send()
            .await?;
        Ok(())
    }
}

/// Whether the function's answer names the message as failed. An answer of another form fails the
/// whole batch, as on AWS.
fn has_failed(answer: &Value, message: &Message) -> bool {
    match &answer["batchItemFailures"] {
        Value::Null => false,
        Value::Array(failures) => failures
            .iter()
            .any(|failure| failure["itemIdentifier"].as_str() == message.message_id()),
        _ => true,
    }
}

fn handles<'a>(messages: &'a [&'a Message]) -> impl Iterator<Item = (String, &'a str)> {
    messages.iter().enumerate().map(|(number, message)| {
        let handle = message.receipt_handle().unwrap_or_default();
        (number.to_string(), handle)
    })
}

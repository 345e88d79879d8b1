//! Brings the queues' messages to the worker, as badly as SQS is allowed to: some twice, in any order, several batches at
//! once.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use aws_sdk_sqs::types::Message;
use fastrand::Rng;
use local::stack::Stack;
use serde_json::{Value, json};

pub(crate) const WORKER: &str = "hikidashi-dev-thumbnail";

/// Batches in hand at once, each in a process of its own.
const POLLERS: u64 = 3;

/// As the template has it: longer than any batch takes.
const VISIBILITY_SECS: i32 = 360;

/// Everything of which copies are kept may come again.
pub(crate) struct UnreliablePoller<'a> {
    sqs: aws_sdk_sqs::Client,
    stack: &'a Stack,
    /// First attempts, and retries one at a time, beside which there may be duplicates.
    queues: [Queue<'a>; 2],
    /// Bodies that are to be delivered a second time, whenever.
    echoes: Mutex<Vec<String>>,
    duplicated: AtomicU64,
    /// Times in a row that nothing was received.
    idle: AtomicU64,
    is_over: AtomicBool,
}

struct Queue<'a> {
    url: &'a str,
    most_at_once: i32,
}

impl<'a> UnreliablePoller<'a> {
    /// The queues are the poller's from now on.
    pub(crate) async fn employ(stack: &'a Stack) -> anyhow::Result<Self> {
        stack.set_event_source_enabled(WORKER, false).await?;
        let outputs = stack.outputs();
        let queues = [(&outputs.queue_url, 10), (&outputs.retry_queue_url, 1)];
        let queues = queues.map(|(url, most_at_once)| Queue { url, most_at_once });
        for queue in &queues {
            stack.exclude_from_redrive(queue.url);
        }
        Ok(Self {
            sqs: aws_sdk_sqs::Client::new(stack.sdk_config()),
            stack,
            queues,
            echoes: Mutex::default(),
            duplicated: AtomicU64::new(0),
            idle: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        })
    }

    /// No more duplicates; those that are kept are delivered, and then the poller ends with the queue.
    pub(crate) fn finish(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Whether there is nothing to do: what is in hand fails, if anything.
    pub(crate) fn is_idle(&self) -> bool {
        self.idle.load(Ordering::Relaxed) > 20 * POLLERS
    }

    /// How many messages were delivered once more than they were sent.
    pub(crate) fn duplicated(&self) -> u64 {
        self.duplicated.load(Ordering::Relaxed)
    }

    /// Works until the queues have been empty for a while after [`UnreliablePoller::finish`].
    pub(crate) async fn work(&self, seed: u64) -> anyhow::Result<()> {
        let polls = (0..POLLERS).map(|number| self.walk(Rng::with_seed(seed ^ number)));
        futures_util::future::try_join_all(polls).await?;
        Ok(())
    }

    async fn walk(&self, mut random: Rng) -> anyhow::Result<()> {
        let mut empty = 0;
        while empty < 20 {
            let Some((queue, batch)) = self.receive(&mut random).await? else {
                self.idle.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(100)).await;
                empty = if self.is_over.load(Ordering::Relaxed) {
                    empty + 1
                } else {
                    0
                };
                continue;
            };
            empty = 0;
            self.idle.store(0, Ordering::Relaxed);
            self.deliver(queue, batch, &mut random).await?;
        }
        Ok(())
    }

    /// Messages of one of the queues, and some that were delivered before, in any order.
    async fn receive(
        &self,
        random: &mut Rng,
    ) -> anyhow::Result<Option<(&Queue<'a>, Vec<Delivery>)>> {
        let first = random.usize(0..self.queues.len());
        for which in [first, 1 - first] {
            let queue = &self.queues[which];
            let batch = self.receive_from(queue, random).await?;
            if !batch.is_empty() {
                return Ok(Some((queue, batch)));
            }
        }
        Ok(None)
    }

    async fn receive_from(
        &self,
        queue: &Queue<'_>,
        random: &mut Rng,
    ) -> anyhow::Result<Vec<Delivery>> {
        let received = self
            .sqs
            .receive_message()
            .queue_url(queue.url)
            .max_number_of_messages(random.i32(1..=queue.most_at_once))
            .visibility_timeout(VISIBILITY_SECS)
            .wait_time_seconds(0)
            .send()
            .await?;
        let mut batch: Vec<Delivery> = received
            .messages
            .unwrap_or_default()
            .into_iter()
            .map(Delivery::Message)
            .collect();
        let is_over = self.is_over.load(Ordering::Relaxed);
        {
            let mut echoes = self.echoes.lock().unwrap_or_else(PoisonError::into_inner);
            for parcel in &batch {
                if let (Delivery::Message(message), false) = (parcel, is_over)
                    && random.bool()
                {
                    echoes.extend(message.body.clone());
                }
            }
            // Later, or much later.
            let due = if is_over { 5 } else { random.usize(0..=2) };
            for _ in 0..due.min(echoes.len()) {
                let which = random.usize(0..echoes.len());
                let body = echoes.swap_remove(which);
                batch.push(Delivery::Duplicate(body));
                self.duplicated.fetch_add(1, Ordering::Relaxed);
            }
        }
        random.shuffle(&mut batch);
        Ok(batch)
    }

    async fn deliver(
        &self,
        queue: &Queue<'_>,
        batch: Vec<Delivery>,
        random: &mut Rng,
    ) -> anyhow::Result<()> {
        let parcels = batch.iter().enumerate();
        let records: Vec<Value> = parcels.map(|parcel| record(queue, parcel)).collect();
        let answer = self
            .stack
            .invoke(WORKER, &json!({"Records": records}))
            .await;
        let failed = |number: &str| match &answer {
            Err(_) => true,
            Ok(answer) => answer["batchItemFailures"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|failure| failure["itemIdentifier"] == number),
        };
        for (number, parcel) in batch.into_iter().enumerate() {
            match parcel {
                // A copy that fails is just another lost copy.
                Delivery::Duplicate(_) => {}
                Delivery::Message(message) => {
                    let receipt = message.receipt_handle.context("a receipt handle")?;
                    let settled = if failed(&number.to_string()) {
                        let sooner = self.sqs.change_message_visibility();
                        sooner
                            .queue_url(queue.url)
                            .receipt_handle(receipt)
                            .visibility_timeout(random.i32(0..=1))
                            .send()
                            .await
                            .map(drop)
                            .map_err(aws_sdk_sqs::Error::from)
                    } else {
                        self.sqs
                            .delete_message()
                            .queue_url(queue.url)
                            .receipt_handle(receipt)
                            .send()
                            .await
                            .map(drop)
                            .map_err(aws_sdk_sqs::Error::from)
                    };
                    match settled {
                        // It was received for the last time, and the emulator has moved it to the dead letters
                        // meanwhile. So two have it in hand at once, which is all the better.
                        Ok(()) | Err(aws_sdk_sqs::Error::ReceiptHandleIsInvalid(_)) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
        Ok(())
    }
}

enum Delivery {
    Message(Message),
    Duplicate(String),
}

fn record(queue: &Queue<'_>, (number, parcel): (usize, &Delivery)) -> Value {
    let name = queue.url.rsplit('/').next().unwrap_or_default();
    let body = match parcel {
        Delivery::Message(message) => message.body().unwrap_or_default(),
        Delivery::Duplicate(body) => body,
    };
    json!({
        "messageId": number.to_string(),
        "receiptHandle": "r",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "0"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:us-east-1:123456789012:{name}"),
        "awsRegion": "us-east-1",
    })
}

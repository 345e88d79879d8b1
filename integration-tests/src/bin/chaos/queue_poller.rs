//! The poller that delivers the queues' messages to the dispatcher and to the worker, as unreliably
//! as SQS may: duplicated, in any order, and several batches at once.

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

const DISPATCHER: &str = "hikidashi-dev-dispatch";

/// Number of concurrent batches, each in a process of its own.
const POLLERS: u64 = 3;

/// The template's visibility timeout: longer than any batch takes.
const VISIBILITY_SECS: i32 = 360;

/// A poller that delivers some messages more than once.
pub(crate) struct UnreliablePoller<'a> {
    sqs: aws_sdk_sqs::Client,
    stack: &'a Stack,
    /// The events, the jobs, and the retries with batches of one message.
    queues: [Queue<'a>; 3],
    duplicated: AtomicU64,
    /// Number of consecutive empty receives.
    idle: AtomicU64,
    is_over: AtomicBool,
}

struct Queue<'a> {
    url: &'a str,
    function: &'static str,
    most_at_once: i32,
    /// Bodies to deliver once more to this function, at any later time.
    duplicates: Mutex<Vec<String>>,
}

impl<'a> UnreliablePoller<'a> {
    /// Takes over the queues from the stack's own poller.
    pub(crate) async fn take_over(stack: &'a Stack) -> anyhow::Result<Self> {
        for function in [DISPATCHER, WORKER] {
            stack.set_event_source_enabled(function, false).await?;
        }
        let outputs = stack.outputs();
        let queues = [
            (&outputs.events_queue_url, DISPATCHER, 10),
            (&outputs.queue_url, WORKER, 5),
            (&outputs.retry_queue_url, WORKER, 1),
        ];
        let queues = queues.map(|(url, function, most_at_once)| Queue {
            url,
            function,
            most_at_once,
            duplicates: Mutex::default(),
        });
        Ok(Self {
            sqs: aws_sdk_sqs::Client::new(stack.sdk_config()),
            stack,
            queues,
            duplicated: AtomicU64::new(0),
            idle: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        })
    }

    /// Stops making duplicates. Those that are left are delivered, and the poller ends when the
    /// queues are empty.
    pub(crate) fn finish(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Returns whether the queues have been empty for a while. Messages in flight may still fail.
    pub(crate) fn is_idle(&self) -> bool {
        self.idle.load(Ordering::Relaxed) > 20 * POLLERS
    }

    /// Returns the number of duplicate deliveries.
    pub(crate) fn duplicated(&self) -> u64 {
        self.duplicated.load(Ordering::Relaxed)
    }

    /// Works until the queues have been empty for a while after [`UnreliablePoller::finish`].
    pub(crate) async fn work(&self, seed: u64) -> anyhow::Result<()> {
        let polls = (0..POLLERS).map(|number| self.poll(Rng::with_seed(seed ^ number)));
        futures_util::future::try_join_all(polls).await?;
        Ok(())
    }

    async fn poll(&self, mut random: Rng) -> anyhow::Result<()> {
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

    /// Receives messages from one of the queues, and adds duplicates of earlier ones, in any order.
    async fn receive(
        &self,
        random: &mut Rng,
    ) -> anyhow::Result<Option<(&Queue<'a>, Vec<Delivery>)>> {
        let first = random.usize(0..self.queues.len());
        for offset in 0..self.queues.len() {
            let queue = &self.queues[(first + offset) % self.queues.len()];
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
            let mut duplicates = queue
                .duplicates
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            for delivery in &batch {
                if let (Delivery::Message(message), false) = (delivery, is_over)
                    && random.bool()
                {
                    duplicates.extend(message.body.clone());
                }
            }
            // A duplicate is delivered soon, or much later.
            let due = if is_over { 5 } else { random.usize(0..=2) };
            for _ in 0..due.min(duplicates.len()) {
                let which = random.usize(0..duplicates.len());
                let body = duplicates.swap_remove(which);
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
        let deliveries = batch.iter().enumerate();
        let records: Vec<Value> = deliveries.map(|delivery| record(queue, delivery)).collect();
        let answer = self
            .stack
            .invoke(queue.function, &json!({"Records": records}))
            .await;
        let failed = |number: &str| match &answer {
            Err(_) => true,
            Ok(answer) => answer["batchItemFailures"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|failure| failure["itemIdentifier"] == number),
        };
        for (number, delivery) in batch.into_iter().enumerate() {
            match delivery {
                // A duplicate that fails is dropped.
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
                        // The receive count has reached its maximum, and the emulator has already
                        // moved the message to the dead-letter queue. Two consumers then have it at
                        // once, which is a useful case.
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

fn record(queue: &Queue<'_>, (number, delivery): (usize, &Delivery)) -> Value {
    let name = queue.url.rsplit('/').next().unwrap_or_default();
    let body = match delivery {
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

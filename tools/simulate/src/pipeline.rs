//! The discrete-event model: users, API, queues, worker.

mod api;
mod images;
#[cfg(test)]
mod tests;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    time::Duration,
};

use strum::{EnumCount, IntoEnumIterator as _};

use crate::{
    fair_queue::FairQueue,
    lambda::{Execution, Function, Lambda},
    limits::{Limit, Quotas},
    load::Load,
    object_store::ObjectStore,
    pollers::Pollers,
    random::Random,
    service_times::{DISPATCH_BATCH, RETRY_BATCH, SDK_ATTEMPTS, WORKER_BATCH},
    stats::{Stats, Whose},
    table::Table,
    token_bucket::TokenBucket,
};
use api::Request;
use images::{Batch, Image, State};

/// The time after the last arrival after which what is queued stays queued.
const DRAIN: Duration = Duration::from_mins(20);
const SECOND: Duration = Duration::from_secs(1);

/// What happens at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A second begins: users of this second arrive, and services scale.
    Second,
    /// The noisy user puts an object.
    NoisyPut,
    /// A client sends a request.
    Request(u32),
    /// A function answers the request; the number tells requests of one place apart.
    Respond(u32, u32),
    /// S3's event is in the queue of events.
    Notified(u32),
    /// A poller invokes a function with a batch.
    Invoke(u32),
    /// The batch's response is there.
    BatchDone(u32),
    /// The worker writes an image's record.
    Write(u32),
    /// The record is written.
    Written(u32),
    /// A failed message is visible again.
    Retry(u32),
}

/// A queue with its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount)]
enum Source {
    Events,
    Jobs,
    Retries,
}

impl Source {
    fn function(self) -> Function {
        match self {
            Source::Events => Function::Dispatch,
            Source::Jobs | Source::Retries => Function::Thumbnail,
        }
    }

    fn batch(self) -> usize {
        match self {
            Source::Events => DISPATCH_BATCH,
            Source::Jobs => WORKER_BATCH,
            Source::Retries => RETRY_BATCH,
        }
    }

    fn concurrency(self) -> Limit {
        match self {
            Source::Events => Limit::DispatchConcurrency,
            Source::Jobs | Source::Retries => Limit::WorkerConcurrency,
        }
    }
}

/// The simulated stage.
#[derive(Debug)]
pub(crate) struct Pipeline {
    load: Load,
    now: Duration,
    sequence: u64,
    events: BinaryHeap<Reverse<(Duration, u64, Event)>>,
    random: Random,
    spread: f64,
    stats: Stats,
    api: TokenBucket,
    account_api: TokenBucket,
    get_id: TokenBucket,
    get_credentials: TokenBucket,
    lambda: Lambda,
    table: Table,
    store: ObjectStore,
    queues: [FairQueue; Source::COUNT],
    pollers: [Pollers; Source::COUNT],
    requests: Vec<Request>,
    free_requests: Vec<u32>,
    images: Vec<Image>,
    batches: Vec<Batch>,
    free_batches: Vec<u32>,
    /// Executions of the requests and batches that run.
    running: BTreeMap<(Function, u32), Execution>,
}

/// Runs the model.
pub(crate) fn run(load: Load, quotas: &Quotas, seed: u64) -> Stats {
    let mut pipeline = Pipeline::new(load, quotas, seed);
    pipeline.run();
    pipeline.finish()
}

impl Pipeline {
    fn new(load: Load, quotas: &Quotas, seed: u64) -> Self {
        let pollers = |most| Pollers::new(quotas.pollers, quotas.pollers_per_second, most);
        Self {
            load,
            now: Duration::ZERO,
            sequence: 0,
            events: BinaryHeap::new(),
            random: Random::with_seed(seed),
            spread: crate::service_times::SPREAD,
            stats: Stats::default(),
            api: TokenBucket::new(quotas.api_requests, quotas.api_burst),
            account_api: TokenBucket::new(quotas.account_api_requests, quotas.account_api_burst),
            get_id: TokenBucket::per_second(quotas.get_id),
            get_credentials: TokenBucket::per_second(quotas.get_credentials),
            lambda: Lambda::new(quotas),
            table: Table::new(quotas),
            store: ObjectStore::new(quotas),
            queues: [false, quotas.is_fair, false].map(FairQueue::new),
            pollers: [
                pollers(quotas.dispatch_concurrency),
                pollers(quotas.worker_concurrency),
                pollers(quotas.worker_concurrency),
            ],
            requests: Vec::new(),
            free_requests: Vec::new(),
            images: Vec::new(),
            batches: Vec::new(),
            free_batches: Vec::new(),
            running: BTreeMap::new(),
        }
    }

    fn at(&mut self, time: Duration, event: Event) {
        self.sequence += 1;
        self.events.push(Reverse((time, self.sequence, event)));
    }

    fn run(&mut self) {
        self.at(Duration::ZERO, Event::Second);
        for start in self.load.noisy_at() {
            for _ in 0..self.load.noisy_images {
                let at = start + self.random.up_to(self.load.noisy_time);
                self.at(at, Event::NoisyPut);
            }
        }
        let end = self.load.time() + DRAIN;
        while let Some(Reverse((time, _, event))) = self.events.pop() {
            if time > end {
                break;
            }
            self.now = time;
            match event {
                Event::Second => self.second(),
                Event::NoisyPut => self.noisy_put(),
                Event::Request(id) => self.request(id),
                Event::Respond(id, serial) => self.respond(id, serial),
                Event::Notified(image) => self.send(Source::Events, image),
                Event::Invoke(batch) => self.invoke(batch),
                Event::BatchDone(batch) => self.batch_done(batch),
                Event::Write(image) => self.write_record(image),
                Event::Written(image) => self.written(image),
                Event::Retry(image) => self.retry(image),
            }
        }
    }

    fn finish(mut self) -> Stats {
        let is_queued = |one: &&Image| !matches!(one.state, State::Ready | State::GivenUp);
        let queued = self.images.iter().filter(is_queued).count();
        self.stats.queued = u64::try_from(queued).unwrap_or(u64::MAX);
        for function in Function::iter() {
            self.stats.used[function as usize] = self.lambda.used(function);
        }
        self.stats.peak_concurrency = self.lambda.peak;
        self.stats.s3_partitions = self.store.partitions();
        self.stats.quiet.sort_by(f64::total_cmp);
        self.stats.noisy.sort_by(f64::total_cmp);
        self.stats
    }

    /// Begins a second.
    fn second(&mut self) {
        let now = self.now;
        if now < self.load.time() {
            let visits = self.random.poisson(self.load.visits_per_second(now));
            for _ in 0..visits {
                self.visit();
            }
        }
        self.store.end_second(now);
        if now.as_secs().is_multiple_of(60) && !now.is_zero() {
            self.table.end_minute(now);
        }
        for source in [Source::Events, Source::Jobs, Source::Retries] {
            let is_waiting = !self.queues[source as usize].is_empty();
            self.pollers[source as usize].scale(is_waiting, now);
            self.wake(source);
        }
        let waiting = self.queues[Source::Jobs as usize].len();
        self.stats.jobs_waiting.push(waiting);
        let is_all_done = self.stats.accepted == self.stats.ready + self.stats.given_up;
        if now < self.load.time() || !is_all_done {
            self.at(now + SECOND, Event::Second);
        }
    }

    fn meet(&mut self, limit: Limit, whose: Whose, now: Duration) {
        self.stats.meet(limit, whose, now);
    }

    /// Makes a call with the SDK's attempts. Moves `time` on, by the call's median with its spread
    /// and by the pauses; returns whether the call succeeded.
    fn call(
        &mut self,
        time: &mut Duration,
        median: Duration,
        whose: Whose,
        mut attempt: impl FnMut(&mut Self, Duration) -> Result<(), Limit>,
    ) -> bool {
        let mut pause = Duration::from_millis(100);
        for _ in 0..SDK_ATTEMPTS {
            match attempt(self, *time) {
                Ok(()) => {
                    *time += self.random.around(median, self.spread);
                    return true;
                }
                Err(limit) => self.meet(limit, whose, *time),
            }
            *time += self.random.up_to(pause);
            pause *= 2;
        }
        false
    }
}

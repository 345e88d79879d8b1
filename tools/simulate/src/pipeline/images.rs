//! The way of an image: event, job, batch, record.

use std::time::Duration;

use crate::{
    fair_queue::Message,
    limits::Limit,
    service_times::{
        BEFORE_INIT, CALLS_CPU, CONFLICT_TRIES, DISPATCH, ENGINE_CPU, FIRST_CONFLICT_PAUSE, GET,
        INIT, LONGEST_CONFLICT_PAUSE, MAX_ATTEMPTS, NOTIFICATION_LATE, NOTIFICATION_LATE_SHARE,
        NOTIFICATION_MEDIAN, NOTIFICATION_SPREAD, ORIGINAL_BYTES, PUT, READ_AHEAD_BYTES, RECEIVE,
        TABLE, VARIANTS, VISIBILITY,
    },
    stats::Whose,
    worker::{ImageTimes, times_to_write},
};

use super::{Event, Pipeline, SECOND, Source};

/// Conflicts of an image from which the usage item is a limit that was met: the pauses after them
/// can be more than a second.
const CONFLICTS_MET: u8 = 7;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Notifying,
    Queued,
    Working,
    /// Its message was not acknowledged, and is not visible yet.
    Hidden,
    Ready,
    GivenUp,
}

/// An accepted image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Image {
    user: u32,
    whose: Whose,
    place: f64,
    accepted: Duration,
    pub(super) state: State,
    attempts: u8,
    conflicts: u8,
    batch: u32,
    /// The request that waits for it, and how many have.
    pub(super) waiting: Option<u32>,
    pub(super) waits: u8,
}

/// A batch of messages on its way.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    source: Source,
    images: Vec<u32>,
    left: usize,
}

impl Pipeline {
    /// The noisy user puts an object straight into the bucket.
    pub(super) fn noisy_put(&mut self) {
        match self.store.put(0.25, 1, self.now) {
            Ok(()) => {
                self.stats.offered += 1;
                self.accept(self.load.users, Whose::Noisy);
            }
            Err(limit) => {
                self.meet(limit, Whose::Noisy, self.now);
                let at = self.now + self.random.up_to(SECOND);
                self.at(at, Event::NoisyPut);
            }
        }
    }

    /// An original is stored.
    pub(super) fn accept(&mut self, user: u32, whose: Whose) -> u32 {
        self.stats.accepted += 1;
        let image = u32::try_from(self.images.len()).unwrap_or(u32::MAX);
        let place = match whose {
            Whose::Quiet => self.random.share() / 2.0,
            Whose::Noisy => 0.25,
        };
        self.images.push(Image {
            user,
            whose,
            place,
            accepted: self.now,
            state: State::Notifying,
            attempts: 0,
            conflicts: 0,
            batch: 0,
            waiting: None,
            waits: 0,
        });
        let delay = if self.random.share() < NOTIFICATION_LATE_SHARE {
            NOTIFICATION_LATE + self.random.up_to(NOTIFICATION_LATE)
        } else {
            self.random.around(NOTIFICATION_MEDIAN, NOTIFICATION_SPREAD)
        };
        self.at(self.now + delay, Event::Notified(image));
        image
    }

    /// Sends an image's message to a queue.
    pub(super) fn send(&mut self, source: Source, image: u32) {
        let one = &mut self.images[image as usize];
        one.state = State::Queued;
        let sent = self.now;
        self.queues[source as usize].send(one.user, Message { image, sent });
        self.wake(source);
    }

    /// Lets free pollers receive.
    pub(super) fn wake(&mut self, source: Source) {
        let index = source as usize;
        while !self.queues[index].is_empty() && self.pollers[index].take() {
            let mut images = Vec::with_capacity(source.batch());
            while images.len() < source.batch()
                && let Some(message) = self.queues[index].receive(self.now)
            {
                self.note_age(source, message);
                self.images[message.image as usize].state = State::Working;
                images.push(message.image);
            }
            let batch = Batch {
                source,
                left: images.len(),
                images,
            };
            let id = if let Some(id) = self.free_batches.pop() {
                self.batches[id as usize] = batch;
                id
            } else {
                self.batches.push(batch);
                u32::try_from(self.batches.len() - 1).unwrap_or(u32::MAX)
            };
            self.at(self.now + RECEIVE, Event::Invoke(id));
        }
    }

    /// Notes how long a message waited. More than a second is a limit that was met.
    fn note_age(&mut self, source: Source, message: Message) {
        let age = self.now.saturating_sub(message.sent);
        let oldest = &mut self.stats.oldest[source as usize];
        *oldest = age.max(*oldest);
        if age > SECOND {
            let limit = if self.pollers[source as usize].are_most() {
                source.concurrency()
            } else {
                Limit::PollerScaling
            };
            let whose = self.images[message.image as usize].whose;
            self.meet(limit, whose, self.now);
        }
    }

    /// Starts the function with a batch; Lambda tries again when there is no room for it.
    pub(super) fn invoke(&mut self, id: u32) {
        let Batch { source, images, .. } = self.batches[id as usize].clone();
        let execution = match self.lambda.start(source.function(), self.now) {
            Ok(execution) => execution,
            Err(limit) => {
                let whose = self.images[images[0] as usize].whose;
                self.meet(limit, whose, self.now);
                return self.at(self.now + SECOND, Event::Invoke(id));
            }
        };
        let mut start = self.now;
        if execution.is_cold {
            start += BEFORE_INIT + INIT;
        }
        self.running.insert((source.function(), id), execution);
        if source == Source::Events {
            let end = start + self.random.around(DISPATCH, self.spread);
            return self.at(end, Event::BatchDone(id));
        }
        self.work(id, &images, start);
    }

    /// The worker's batch, up to the writes of the records.
    fn work(&mut self, id: u32, images: &[u32], start: Duration) {
        let mut times = Vec::with_capacity(images.len());
        let mut working = Vec::with_capacity(images.len());
        for &image in images {
            let one = &mut self.images[image as usize];
            (one.batch, one.conflicts) = (id, 0);
            let (place, whose) = (one.place, one.whose);
            let mut read = start;
            let is_read = self.call(&mut read, GET, whose, |this, at| this.store.get(place, at));
            // The puts follow the decoding; whether they are taken is decided here, ahead of it.
            let mut put = read;
            let is_put = is_read
                && self.call(&mut put, PUT, whose, |this, at| {
                    this.store.put(place + 0.5, VARIANTS, at)
                });
            if is_put {
                working.push(image);
                times.push(ImageTimes {
                    bytes: ORIGINAL_BYTES,
                    get: read.saturating_sub(start),
                    cpu: self.random.around(ENGINE_CPU, self.spread) + CALLS_CPU,
                    put: put.saturating_sub(read),
                });
            } else {
                self.fail(image);
            }
        }
        let writes = times_to_write(&times, READ_AHEAD_BYTES);
        for (image, after) in working.into_iter().zip(writes) {
            self.at(start + after, Event::Write(image));
        }
    }

    /// Writes the record, in a transaction with the usage item.
    pub(super) fn write_record(&mut self, image: u32) {
        let Image { user, whose, .. } = self.images[image as usize];
        let time = self.random.around(TABLE, self.spread);
        match self.table.complete(user, self.now, time) {
            Ok(()) => self.at(self.now + time, Event::Written(image)),
            Err(limit) => {
                let one = &mut self.images[image as usize];
                one.conflicts += 1;
                let conflicts = one.conflicts;
                // A user's second upload can conflict with the first: that delays nobody.
                if limit != Limit::UsageItem || conflicts >= CONFLICTS_MET {
                    self.meet(limit, whose, self.now);
                }
                if conflicts < CONFLICT_TRIES {
                    let longest = FIRST_CONFLICT_PAUSE * 2_u32.pow(u32::from(conflicts) - 1);
                    let pause = self.random.up_to(longest.min(LONGEST_CONFLICT_PAUSE));
                    self.at(self.now + pause, Event::Write(image));
                } else {
                    self.fail(image);
                }
            }
        }
    }

    /// The image is ready.
    pub(super) fn written(&mut self, image: u32) {
        let one = &mut self.images[image as usize];
        one.state = State::Ready;
        let waiting = one.waiting.take();
        let one = *one;
        self.stats.ready += 1;
        if one.accepted >= self.load.counts_from() {
            let times = match one.whose {
                Whose::Quiet => &mut self.stats.quiet,
                Whose::Noisy => &mut self.stats.noisy,
            };
            times.push(self.now.saturating_sub(one.accepted).as_secs_f64());
        }
        if let Some(request) = waiting {
            self.end_wait(request);
        }
        let source = self.batches[one.batch as usize].source;
        self.queues[source as usize].delete(one.user);
        self.leave_batch(one.batch);
    }

    /// The message is not acknowledged.
    fn fail(&mut self, image: u32) {
        let one = &mut self.images[image as usize];
        one.state = State::Hidden;
        let batch = one.batch;
        self.at(self.now + VISIBILITY, Event::Retry(image));
        self.leave_batch(batch);
    }

    fn leave_batch(&mut self, id: u32) {
        let batch = &mut self.batches[id as usize];
        batch.left -= 1;
        if batch.left == 0 {
            self.at(self.now, Event::BatchDone(id));
        }
    }

    /// The response of a batch is there.
    pub(super) fn batch_done(&mut self, id: u32) {
        let Batch { source, images, .. } = self.batches[id as usize].clone();
        if let Some(execution) = self.running.remove(&(source.function(), id)) {
            self.lambda.end(execution, self.now);
        }
        self.pollers[source as usize].give_back();
        self.free_batches.push(id);
        if source == Source::Events {
            for image in images {
                let user = self.images[image as usize].user;
                self.queues[source as usize].delete(user);
                self.send(Source::Jobs, image);
            }
        }
        self.wake(source);
    }

    /// A message that was not acknowledged moves to the queue of retries, or is tried again there.
    pub(super) fn retry(&mut self, image: u32) {
        let one = &mut self.images[image as usize];
        let from = if one.attempts == 0 {
            Source::Jobs
        } else {
            Source::Retries
        };
        one.attempts += 1;
        let is_given_up = one.attempts > MAX_ATTEMPTS;
        let user = one.user;
        self.queues[from as usize].delete(user);
        if is_given_up {
            self.images[image as usize].state = State::GivenUp;
            self.stats.given_up += 1;
        } else {
            self.send(Source::Retries, image);
        }
    }
}

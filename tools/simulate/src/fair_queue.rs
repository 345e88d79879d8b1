//! A queue of SQS whose messages have a group: the user.
//!
//! A group becomes noisy when it has more than a tenth of the messages in flight and at least 30
//! of its own. (AWS's second measure, a tenth of the recent processing time, is not modelled.)
//! Messages of quiet groups are delivered first, and those of the noisy group with the fewest in
//! flight next. A noisy group is quiet again when its backlog is gone, or after five minutes
//! without a new message.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html>

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::Duration,
};

/// Messages in flight from which a group can be noisy.
const IN_FLIGHT: u32 = 30;
/// Share of all messages in flight above which a group is noisy.
const SHARE: u32 = 10;
/// Time without a new message after which a group is quiet again.
const QUIET_AFTER: Duration = Duration::from_mins(5);

/// A message: an image, and when it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) image: u32,
    pub(crate) sent: Duration,
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct FairQueue {
    is_fair: bool,
    /// The groups of the messages, in the order of sending. Those of noisy groups are skipped.
    order: VecDeque<u32>,
    groups: HashMap<u32, Group>,
    noisy: BTreeSet<u32>,
    waiting: usize,
    in_flight: u32,
}

#[derive(Debug, Default)]
struct Group {
    messages: VecDeque<Message>,
    in_flight: u32,
    last_sent: Duration,
}

impl FairQueue {
    pub(crate) fn new(is_fair: bool) -> Self {
        Self {
            is_fair,
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, group: u32, message: Message) {
        self.waiting += 1;
        let entry = self.groups.entry(group).or_default();
        entry.messages.push_back(message);
        entry.last_sent = message.sent;
        self.order.push_back(group);
    }

    /// Receives a message, which is then in flight.
    pub(crate) fn receive(&mut self, now: Duration) -> Option<Message> {
        if self.waiting == 0 {
            return None;
        }
        let group = self.next_quiet(now).or_else(|| self.next_noisy())?;
        let entry = self.groups.get_mut(&group)?;
        let message = entry.messages.pop_front()?;
        entry.in_flight += 1;
        self.waiting -= 1;
        self.in_flight += 1;
        let own = entry.in_flight;
        if entry.messages.is_empty() {
            self.noisy.remove(&group);
        } else if self.is_fair && own >= IN_FLIGHT && own * SHARE > self.in_flight {
            self.noisy.insert(group);
        }
        Some(message)
    }

    /// Deletes a message in flight, or moves it to another queue.
    pub(crate) fn delete(&mut self, group: u32) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let Some(entry) = self.groups.get_mut(&group) {
            entry.in_flight = entry.in_flight.saturating_sub(1);
            if entry.in_flight == 0 && entry.messages.is_empty() {
                self.groups.remove(&group);
            }
        }
    }

    fn next_quiet(&mut self, now: Duration) -> Option<u32> {
        let groups = &self.groups;
        let silent = |group: &u32| {
            let entry = groups.get(group);
            entry.is_none_or(|entry| now.saturating_sub(entry.last_sent) >= QUIET_AFTER)
        };
        let quiet: Vec<u32> = self.noisy.iter().copied().filter(silent).collect();
        for group in quiet {
            self.noisy.remove(&group);
            let left = groups.get(&group).map_or(0, |entry| entry.messages.len());
            self.order.extend(std::iter::repeat_n(group, left));
        }
        while let Some(group) = self.order.pop_front() {
            let has_message = |entry: &Group| !entry.messages.is_empty();
            if !self.noisy.contains(&group) && self.groups.get(&group).is_some_and(has_message) {
                return Some(group);
            }
        }
        None
    }

    fn next_noisy(&self) -> Option<u32> {
        let in_flight = |group: &&u32| self.groups.get(group).map_or(0, |entry| entry.in_flight);
        self.noisy.iter().min_by_key(in_flight).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOISY: u32 = 7;
    const QUIET: u32 = 8;

    /// A queue in which a noisy user's 100 messages were sent before a quiet user's one, and 40 are
    /// in flight.
    fn queue(is_fair: bool) -> FairQueue {
        let mut queue = FairQueue::new(is_fair);
        let sent = Duration::ZERO;
        (0..100).for_each(|image| queue.send(NOISY, Message { image, sent }));
        for _ in 0..40 {
            queue.receive(sent).unwrap();
        }
        queue.send(QUIET, Message { image: 100, sent });
        queue
    }

    #[test]
    fn a_quiet_user_is_served_before_the_backlog_of_a_noisy_one() {
        assert_eq!(queue(true).receive(Duration::ZERO).unwrap().image, 100);
    }

    #[test]
    fn without_fairness_the_quiet_user_waits_for_the_backlog() {
        let mut queue = queue(false);
        let order: Vec<u32> =
            std::iter::from_fn(|| queue.receive(Duration::ZERO).map(|message| message.image))
                .collect();
        assert_eq!(order.last(), Some(&100));
    }

    #[test]
    fn below_thirty_in_flight_nobody_is_noisy() {
        let mut queue = FairQueue::new(true);
        let sent = Duration::ZERO;
        (0..40).for_each(|image| queue.send(NOISY, Message { image, sent }));
        for _ in 0..29 {
            queue.receive(sent).unwrap();
        }
        queue.send(QUIET, Message { image: 40, sent });
        assert_eq!(queue.receive(sent).unwrap().image, 29);
    }

    #[test]
    fn every_message_is_received_once() {
        let mut queue = queue(true);
        let late = Duration::from_mins(6);
        let mut images: Vec<u32> =
            std::iter::from_fn(|| queue.receive(late).map(|message| message.image)).collect();
        images.sort_unstable();
        assert_eq!(images, (40..=100).collect::<Vec<_>>());
        assert!(queue.is_empty());
    }
}

//! Lambda: execution environments, cold starts, and the limits of concurrency.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use strum::{EnumCount, EnumIter, IntoStaticStr};

use crate::{
    limits::{Limit, Quotas},
    service_times::{CREDENTIALS_KEPT, CREDENTIALS_VALID, KEPT_IDLE, MAX_WAIT, WAIT_SHARE},
    token_bucket::TokenBucket,
};

/// A function whose concurrency is modelled.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Function {
    Upload,
    Images,
    Dispatch,
    Thumbnail,
}

/// An execution environment.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    used: Duration,
    /// Users whose credentials are kept, and until when; the oldest first in `order`.
    credentials: HashMap<u32, Duration>,
    order: VecDeque<u32>,
    /// Time that requests may wait, as in `functions/images/src/wait_budget.rs`.
    saved_wait: Duration,
}

impl Environment {
    /// Whether the credentials of a user are there.
    pub(crate) fn knows(&self, user: u32, now: Duration) -> bool {
        self.credentials
            .get(&user)
            .is_some_and(|until| *until > now)
    }

    /// Keeps the credentials of a user.
    pub(crate) fn keep(&mut self, user: u32, now: Duration) {
        if self
            .credentials
            .insert(user, now + CREDENTIALS_VALID)
            .is_none()
        {
            self.order.push_back(user);
        }
        if self.order.len() > CREDENTIALS_KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.credentials.remove(&oldest);
        }
    }

    /// Whether a request may wait. Time that is not needed is given back.
    pub(crate) fn may_wait(&mut self) -> bool {
        match self.saved_wait.checked_sub(MAX_WAIT) {
            Some(left) => self.saved_wait = left,
            None => return false,
        }
        true
    }

    /// Gives back time that was not waited.
    pub(crate) fn give_back(&mut self, unused: Duration) {
        self.saved_wait = (self.saved_wait + unused).min(2 * MAX_WAIT);
    }
}

/// A running execution.
#[derive(Debug)]
pub(crate) struct Execution {
    pub(crate) environment: Environment,
    pub(crate) is_cold: bool,
    function: Function,
    since: Duration,
}

/// The account's Lambda.
#[derive(Debug)]
pub(crate) struct Lambda {
    quota: u32,
    running: u32,
    pub(crate) peak: u32,
    functions: [State; Function::COUNT],
}

#[derive(Debug)]
struct State {
    idle: VecDeque<Environment>,
    scaling: TokenBucket,
    use_: Use,
}

/// What a function has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Use {
    running: u32,
    pub(crate) peak: u32,
    pub(crate) invocations: u32,
    pub(crate) cold_starts: u32,
    pub(crate) busy: Duration,
}

impl Lambda {
    pub(crate) fn new(quotas: &Quotas) -> Self {
        let state = |_| State {
            idle: VecDeque::new(),
            scaling: TokenBucket::new(quotas.function_scaling, quotas.function_scaling * 10.0),
            use_: Use::default(),
        };
        Self {
            quota: quotas.account_concurrency,
            running: 0,
            peak: 0,
            functions: std::array::from_fn(state),
        }
    }

    /// Starts an execution in the environment that was used last, or in a new one.
    pub(crate) fn start(&mut self, function: Function, now: Duration) -> Result<Execution, Limit> {
        if self.running >= self.quota {
            return Err(Limit::AccountConcurrency);
        }
        let state = &mut self.functions[function as usize];
        let expired = |one: &Environment| one.used + KEPT_IDLE < now;
        while state.idle.front().is_some_and(expired) {
            state.idle.pop_front();
        }
        let (mut environment, is_cold) = match state.idle.pop_back() {
            Some(environment) => (environment, false),
            None if state.scaling.take(1.0, now) => {
                let environment = Environment {
                    saved_wait: MAX_WAIT,
                    used: now,
                    ..Environment::default()
                };
                (environment, true)
            }
            None => return Err(Limit::FunctionScaling),
        };
        let earned = now.saturating_sub(environment.used).mul_f64(WAIT_SHARE);
        environment.give_back(earned);
        environment.used = now;
        state.use_.invocations += 1;
        state.use_.cold_starts += u32::from(is_cold);
        state.use_.running += 1;
        state.use_.peak = state.use_.peak.max(state.use_.running);
        self.running += 1;
        self.peak = self.peak.max(self.running);
        Ok(Execution {
            environment,
            is_cold,
            function,
            since: now,
        })
    }

    /// Ends an execution.
    pub(crate) fn end(&mut self, execution: Execution, now: Duration) {
        let mut environment = execution.environment;
        // The time of the execution itself earns waits too.
        environment.give_back(now.saturating_sub(environment.used).mul_f64(WAIT_SHARE));
        environment.used = now;
        let state = &mut self.functions[execution.function as usize];
        state.idle.push_back(environment);
        state.use_.running -= 1;
        state.use_.busy += now.saturating_sub(execution.since);
        self.running -= 1;
    }

    /// Returns what a function has used.
    pub(crate) fn used(&self, function: Function) -> Use {
        self.functions[function as usize].use_
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(quotas: Quotas, executions: u32) -> (Vec<Execution>, Option<Limit>) {
        let mut lambda = Lambda::new(&quotas);
        let mut running = Vec::new();
        for _ in 0..executions {
            match lambda.start(Function::Images, Duration::ZERO) {
                Ok(execution) => running.push(execution),
                Err(limit) => return (running, Some(limit)),
            }
        }
        (running, None)
    }

    #[test]
    fn an_account_runs_as_many_as_its_quota_and_no_more() {
        let quotas = Quotas {
            account_concurrency: 10,
            ..Quotas::default()
        };
        assert!(started(quotas, 10).1.is_none());
        assert_eq!(started(quotas, 11).1, Some(Limit::AccountConcurrency));
    }

    #[test]
    fn a_function_gets_a_thousand_environments_at_once_and_no_more() {
        let mut quotas = Quotas::default();
        quotas.lift(Limit::AccountConcurrency);
        assert!(started(quotas, 1_000).1.is_none());
        assert_eq!(started(quotas, 1_001).1, Some(Limit::FunctionScaling));
    }

    #[test]
    fn an_environment_is_used_again_until_it_was_idle_for_too_long() {
        let mut lambda = Lambda::new(&Quotas::default());
        let mut cold = |at| {
            let execution = lambda.start(Function::Upload, at).unwrap();
            let is_cold = execution.is_cold;
            lambda.end(execution, at);
            is_cold
        };
        assert!(cold(Duration::ZERO));
        assert!(!cold(Duration::from_mins(5)));
        assert!(cold(Duration::from_mins(16)));
    }

    #[test]
    fn an_environment_may_wait_once_and_then_for_half_of_its_time() {
        let mut lambda = Lambda::new(&Quotas::default());
        let mut may_wait = |at| {
            let mut execution = lambda.start(Function::Images, at).unwrap();
            let may_wait = execution.environment.may_wait();
            lambda.end(execution, at);
            may_wait
        };
        assert!(may_wait(Duration::ZERO));
        assert!(!may_wait(Duration::from_secs(9)));
        assert!(may_wait(Duration::from_secs(10)));
    }
}

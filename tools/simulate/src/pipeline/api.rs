//! Requests of clients: pages, uploads, and waits for images.

use std::time::Duration;

use crate::{
    lambda::{Execution, Function},
    limits::Limit,
    service_times::{
        API_MB, AUTHORIZER_CPU, BEFORE_INIT, CLIENT_ATTEMPTS, EXCHANGE, INIT, LIST_CPU, MAX_WAIT,
        PENDING_UNITS, PUT, TABLE, UPLOAD_CPU, WAIT_LOOK, WHOLE_CPU_MB,
    },
    stats::Whose,
};

use super::{Event, Pipeline, SECOND, images::State};

/// Pauses of a user between pages of a visit. *Assumed*.
const BETWEEN_PAGES: Duration = Duration::from_secs(10);

/// From the answer to an upload until the client asks for its image, and between its questions.
/// *Assumed*.
const BEFORE_WAIT: Duration = Duration::from_millis(300);
const BETWEEN_WAITS: Duration = Duration::from_secs(2);

/// Questions after which a client stops asking. *Assumed*.
const MOST_WAITS: u8 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Page,
    Upload,
    Wait(u32),
}

impl Kind {
    fn function(self) -> Function {
        match self {
            Kind::Upload => Function::Upload,
            Kind::Page | Kind::Wait(_) => Function::Images,
        }
    }
}

/// A request, with its retries by the client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    kind: Kind,
    user: u32,
    attempts: u8,
    serial: u32,
    is_running: bool,
    has_succeeded: bool,
    /// When a wait ends without its image.
    waits_until: Duration,
}

impl Pipeline {
    /// A user comes: asks for pages, and uploads.
    pub(super) fn visit(&mut self) {
        self.stats.visits += 1;
        let user = self.random.user(self.load.users);
        let start = self.now + self.random.up_to(SECOND);
        for page in 0..self.load.pages_per_visit {
            self.new_request(Kind::Page, user, start + BETWEEN_PAGES * page);
        }
        let mean = self.load.uploads_per_user_day / self.load.visits_per_user_day;
        for upload in 0..self.random.poisson(mean) {
            self.stats.offered += 1;
            let at = start + BETWEEN_PAGES / 2 + SECOND * upload;
            self.new_request(Kind::Upload, user, at);
        }
    }

    fn new_request(&mut self, kind: Kind, user: u32, at: Duration) {
        let mut request = Request {
            kind,
            user,
            attempts: 0,
            serial: 0,
            is_running: false,
            has_succeeded: false,
            waits_until: Duration::ZERO,
        };
        let id = if let Some(id) = self.free_requests.pop() {
            let place = &mut self.requests[id as usize];
            request.serial = place.serial.wrapping_add(1);
            *place = request;
            id
        } else {
            self.requests.push(request);
            u32::try_from(self.requests.len() - 1).unwrap_or(u32::MAX)
        };
        self.at(at, Event::Request(id));
    }

    /// The gateway receives a request.
    pub(super) fn request(&mut self, id: u32) {
        let now = self.now;
        self.stats.requests += 1;
        if !self.account_api.take(1.0, now) {
            return self.refuse(id, Some(Limit::AccountApiRequests));
        }
        if !self.api.take(1.0, now) {
            return self.refuse(id, Some(Limit::ApiRequests));
        }
        self.stats.admitted += 1;
        let Request { kind, user, .. } = self.requests[id as usize];
        let mut execution = match self.lambda.start(kind.function(), now) {
            Ok(execution) => execution,
            Err(limit) => return self.refuse(id, Some(limit)),
        };
        let mut time = now + on_api_cpu(AUTHORIZER_CPU);
        if execution.is_cold {
            time += BEFORE_INIT + INIT;
        }
        let is_fine = self.exchange(user, &mut execution, &mut time)
            && self.serve(id, &mut execution, &mut time);
        let request = &mut self.requests[id as usize];
        request.has_succeeded = is_fine;
        request.is_running = true;
        let serial = request.serial;
        self.running.insert((kind.function(), id), execution);
        self.at(time, Event::Respond(id, serial));
    }

    /// Exchanges the token for credentials, unless the environment has them.
    fn exchange(&mut self, user: u32, execution: &mut Execution, time: &mut Duration) -> bool {
        if execution.environment.knows(user, self.now) {
            return true;
        }
        let is_fine = self.call(time, EXCHANGE, Whose::Quiet, |this, at| {
            taken(this.get_id.take(1.0, at), Limit::CognitoGetId)
        }) && self.call(time, EXCHANGE, Whose::Quiet, |this, at| {
            let is_there = this.get_credentials.take(1.0, at);
            taken(is_there, Limit::CognitoGetCredentials)
        });
        if is_fine {
            execution.environment.keep(user, self.now);
        }
        is_fine
    }

    /// The function's own work.
    fn serve(&mut self, id: u32, execution: &mut Execution, time: &mut Duration) -> bool {
        match self.requests[id as usize].kind {
            Kind::Page => {
                let median = on_api_cpu(LIST_CPU);
                self.call(time, median, Whose::Quiet, |this, at| {
                    this.table.read_page(at)
                })
            }
            Kind::Upload => {
                *time += on_api_cpu(UPLOAD_CPU);
                let place = self.random.share() / 2.0;
                self.call(time, TABLE, Whose::Quiet, |this, at| {
                    this.table.write(PENDING_UNITS, at)
                }) && self.call(time, PUT, Whose::Quiet, |this, at| {
                    this.store.put(place, 1, at)
                })
            }
            Kind::Wait(image) => {
                *time += self.random.around(TABLE, self.spread);
                let image = &mut self.images[image as usize];
                if image.state == State::Ready {
                    return true;
                }
                if execution.environment.may_wait() {
                    image.waiting = Some(id);
                    *time += MAX_WAIT;
                    self.requests[id as usize].waits_until = *time;
                } else {
                    self.stats.waits_answered_at_once += 1;
                }
                true
            }
        }
    }

    /// The image of a request that waits is ready.
    pub(super) fn end_wait(&mut self, id: u32) {
        let request = self.requests[id as usize];
        let end = (self.now + self.random.up_to(WAIT_LOOK)).min(request.waits_until);
        if let Some(execution) = self.running.get_mut(&(Function::Images, id)) {
            let unused = request.waits_until.saturating_sub(end);
            execution.environment.give_back(unused);
            self.at(end, Event::Respond(id, request.serial));
        }
    }

    /// A function answers.
    pub(super) fn respond(&mut self, id: u32, serial: u32) {
        let request = self.requests[id as usize];
        if request.serial != serial || !request.is_running {
            // The end of a wait that has ended before.
            return;
        }
        self.requests[id as usize].is_running = false;
        let running = (request.kind.function(), id);
        if let Some(execution) = self.running.remove(&running) {
            self.lambda.end(execution, self.now);
        }
        if !request.has_succeeded {
            return self.refuse(id, None);
        }
        self.free_requests.push(id);
        match request.kind {
            Kind::Page => self.stats.pages += 1,
            Kind::Upload => {
                let image = self.accept(request.user, Whose::Quiet);
                let at = self.now + BEFORE_WAIT;
                self.new_request(Kind::Wait(image), request.user, at);
            }
            Kind::Wait(image) => {
                self.stats.waits += 1;
                let one = &mut self.images[image as usize];
                one.waiting = None;
                one.waits += 1;
                let is_open = !matches!(one.state, State::Ready | State::GivenUp);
                if is_open && one.waits < MOST_WAITS {
                    let at = self.now + BETWEEN_WAITS;
                    self.new_request(Kind::Wait(image), request.user, at);
                }
            }
        }
    }

    /// A client gets 429 or 503, and tries again after a pause, a few times.
    fn refuse(&mut self, id: u32, limit: Option<Limit>) {
        if let Some(limit) = limit {
            self.meet(limit, Whose::Quiet, self.now);
        }
        let request = &mut self.requests[id as usize];
        request.attempts += 1;
        let Request { attempts, kind, .. } = *request;
        if attempts < CLIENT_ATTEMPTS {
            let pause = self.random.up_to(SECOND * (1 << attempts));
            return self.at(self.now + pause, Event::Request(id));
        }
        self.free_requests.push(id);
        match kind {
            Kind::Page => self.stats.refused_pages += 1,
            Kind::Upload => self.stats.refused_uploads += 1,
            // The image is there all the same.
            Kind::Wait(_) => {}
        }
    }
}

/// Returns the time that CPU work takes on the share of a CPU of the API's functions.
fn on_api_cpu(cpu: Duration) -> Duration {
    cpu.mul_f64(WHOLE_CPU_MB / API_MB)
}

fn taken(is_there: bool, limit: Limit) -> Result<(), Limit> {
    if is_there { Ok(()) } else { Err(limit) }
}

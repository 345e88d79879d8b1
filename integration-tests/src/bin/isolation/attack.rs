//! What an attack is, and when it counts as denied.

use std::{fmt, sync::Arc};

use crate::{
    call::Call,
    fixture::Fixture,
    signed_client::{Reply, is_bodiless},
};

/// Makes a request from what the attacker knows.
pub(crate) type RequestFn = Arc<dyn Fn(&Fixture) -> Call + Send + Sync>;

/// What denies an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeniedBy {
    /// A statement of the user's role grants the action, but not on this, or not like this.
    Statement(&'static str, &'static str),
    /// No statement of the user's role grants the action.
    NotGranted(&'static str),
    /// The trust policy of the role.
    Trust(&'static str),
    /// The identity pool.
    IdentityPool(&'static str),
    /// The gateway with the authorizer.
    Authorizer(&'static str),
    /// The gateway alone.
    Gateway(&'static str),
    /// Our function, which reads with the caller's own credentials.
    Function(&'static str),
    /// S3's check of signatures.
    Signature(&'static str),
}

impl fmt::Display for DeniedBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement(sid, how) => write!(formatter, "`{sid}`: {how}"),
            Self::NotGranted(action) => write!(formatter, "no statement grants `{action}`"),
            Self::Trust(how) => write!(formatter, "trust policy: {how}"),
            Self::IdentityPool(how) => write!(formatter, "identity pool: {how}"),
            Self::Authorizer(how) => write!(formatter, "authorizer: {how}"),
            Self::Gateway(how) => write!(formatter, "gateway: {how}"),
            Self::Function(how) => write!(formatter, "function: {how}"),
            Self::Signature(how) => write!(formatter, "signature: {how}"),
        }
    }
}

/// How a denial looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// IAM says no. Services disagree on the spelling: `AccessDenied` or `AccessDeniedException`.
    AccessDenied,
    /// One of these codes of the service, or slugs of a problem document.
    Code(&'static [&'static str]),
    /// One of these statuses.
    Status(&'static [u16]),
    /// A client error of any kind, or a success that has nothing of the victim's in it.
    Nothing,
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccessDenied => formatter.write_str("`AccessDenied`"),
            Self::Code(codes) => write!(formatter, "`{}`", codes.join("` or `")),
            Self::Status(statuses) => {
                let texts: Vec<String> = statuses.iter().map(u16::to_string).collect();
                formatter.write_str(&texts.join(" or "))
            }
            Self::Nothing => formatter.write_str("a refusal, or nothing of the victim's"),
        }
    }
}

/// The same call where it must succeed, so that the denial is for the reason that is given.
#[derive(Clone)]
pub(crate) enum Control {
    /// On what is the attacker's own.
    Own(RequestFn),
    /// By the operator, whom IAM lets: the request itself is in order.
    Operator,
    /// None, for a reason.
    None(&'static str),
}

impl fmt::Display for Control {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(_) => formatter.write_str("one's own"),
            Self::Operator => formatter.write_str("the operator's"),
            Self::None(reason) => write!(formatter, "none: {reason}"),
        }
    }
}

/// Where an attack can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    /// Everywhere.
    Everywhere,
    /// Only on AWS, because the emulator does not do what it does.
    Aws(&'static str),
}

/// One thing that a hostile signed-in user tries.
#[derive(Clone)]
pub(crate) struct Attack {
    pub(crate) id: String,
    pub(crate) tries: String,
    pub(crate) wall: DeniedBy,
    pub(crate) expected: Expected,
    pub(crate) control: Control,
    pub(crate) ground: Availability,
    pub(crate) call: RequestFn,
}

/// Attacks on one thing. Nothing of the victim's may change while they run.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) attacks: Vec<Attack>,
}

impl Attack {
    /// An attack that IAM denies, and whose request is in order, as the operator shows.
    pub(crate) fn new(
        id: impl Into<String>,
        tries: impl Into<String>,
        wall: DeniedBy,
        call: impl Fn(&Fixture) -> Call + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: id.into(),
            tries: tries.into(),
            wall,
            expected: Expected::AccessDenied,
            control: Control::Operator,
            ground: Availability::Everywhere,
            call: Arc::new(call),
        }
    }

    pub(crate) fn expecting(mut self, expected: Expected) -> Self {
        self.expected = expected;
        self
    }

    /// The same on what is the attacker's own must succeed.
    pub(crate) fn own(mut self, call: impl Fn(&Fixture) -> Call + Send + Sync + 'static) -> Self {
        self.control = Control::Own(Arc::new(call));
        self
    }

    /// There is no control, because …
    pub(crate) fn uncontrolled(mut self, reason: &'static str) -> Self {
        self.control = Control::None(reason);
        self
    }

    /// Not on the emulator, because it …
    pub(crate) fn only_on_aws(mut self, reason: &'static str) -> Self {
        self.ground = Availability::Aws(reason);
        self
    }
}

/// What came of an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As expected; with what was answered.
    Denied(String),
    /// Carried out, without effect on the victim: what was meant as theirs was taken as one's own, or not at all.
    Harmless(String),
    /// Not as expected; with what was answered.
    NotDenied(String),
}

/// Judges an answer. Whatever the status: an answer that tells a secret of the victim's is no denial.
pub(crate) fn judge(fixture: &Fixture, attack: &Attack, call: &Call, reply: &Reply) -> Verdict {
    let code = reply.code();
    let answer = format!("{} {code}", reply.status).trim_end().to_owned();
    if fixture.tells_a_secret(reply) {
        return Verdict::NotDenied(format!("{answer}, with the victim's data"));
    }
    if reply.status >= 500 {
        return Verdict::NotDenied(format!("{answer}: a fault is no denial"));
    }
    let denied = match attack.expected {
        Expected::AccessDenied if is_bodiless(&call.method) => reply.status == 403,
        Expected::AccessDenied => {
            reply.status >= 400 && matches!(code.as_str(), "AccessDenied" | "AccessDeniedException")
        }
        Expected::Code(codes) => reply.status >= 400 && codes.contains(&code.as_str()),
        Expected::Status(statuses) => statuses.contains(&reply.status),
        Expected::Nothing if reply.is_success() => return Verdict::Harmless(answer),
        Expected::Nothing => true,
    };
    if denied {
        Verdict::Denied(answer)
    } else {
        let text: String = reply.text().chars().take(160).collect();
        Verdict::NotDenied(format!("{answer}: {text}"))
    }
}

//! Attacks, and the conditions of a denial.

use std::{fmt, sync::Arc};

use crate::{
    call::Call,
    fixture::Fixture,
    signed_client::{Reply, is_bodiless},
};

/// A request function: makes a request from the attacker's knowledge.
pub(crate) type RequestFn = Arc<dyn Fn(&Fixture) -> Call + Send + Sync>;

/// The component that denies an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeniedBy {
    /// A statement of the user's role grants the action, but not for this resource or this
    /// condition.
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
    /// The function, which reads with the caller's own credentials.
    Function(&'static str),
    /// The signature check of S3.
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

/// The expected form of a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// A denial by IAM. Services differ in the spelling: `AccessDenied` or `AccessDeniedException`.
    AccessDenied,
    /// One of these error codes of the service, or slugs of a problem document.
    Code(&'static [&'static str]),
    /// One of these statuses.
    Status(&'static [u16]),
    /// A client error of any kind, or a success without any data of the victim.
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

/// The control of an attack: the same call where it must succeed, which shows that the denial has
/// the given reason.
#[derive(Clone)]
pub(crate) enum Control {
    /// The call on the attacker's own data.
    Own(RequestFn),
    /// The call by the operator, whom IAM allows it: the request itself is valid.
    Operator,
    /// No control, for the given reason.
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

/// The availability of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    /// Everywhere.
    Everywhere,
    /// Only on AWS: the emulator lacks the operation or the check.
    Aws(&'static str),
}

/// One attack of a hostile signed-in user.
#[derive(Clone)]
pub(crate) struct Attack {
    pub(crate) id: String,
    pub(crate) tries: String,
    pub(crate) denied_by: DeniedBy,
    pub(crate) expected: Expected,
    pub(crate) control: Control,
    pub(crate) availability: Availability,
    pub(crate) call: RequestFn,
}

/// The attacks on one target. No data of the victim may change while they run.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) attacks: Vec<Attack>,
}

impl Attack {
    /// Makes an attack that IAM denies, with the operator's call as the control.
    pub(crate) fn new(
        id: impl Into<String>,
        tries: impl Into<String>,
        denied_by: DeniedBy,
        call: impl Fn(&Fixture) -> Call + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: id.into(),
            tries: tries.into(),
            denied_by,
            expected: Expected::AccessDenied,
            control: Control::Operator,
            availability: Availability::Everywhere,
            call: Arc::new(call),
        }
    }

    pub(crate) fn expecting(mut self, expected: Expected) -> Self {
        self.expected = expected;
        self
    }

    /// Sets the control: the same call on the attacker's own data must succeed.
    pub(crate) fn own(mut self, call: impl Fn(&Fixture) -> Call + Send + Sync + 'static) -> Self {
        self.control = Control::Own(Arc::new(call));
        self
    }

    /// Removes the control, for the given reason.
    pub(crate) fn uncontrolled(mut self, reason: &'static str) -> Self {
        self.control = Control::None(reason);
        self
    }

    /// Restricts the attack to AWS, for the given reason.
    pub(crate) fn only_on_aws(mut self, reason: &'static str) -> Self {
        self.availability = Availability::Aws(reason);
        self
    }
}

/// The verdict on an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Denied as expected, with the response.
    Denied(String),
    /// Carried out without effect on the victim: the victim's names were read as the attacker's
    /// own, or ignored.
    Harmless(String),
    /// Not denied as expected, with the response.
    NotDenied(String),
}

/// Judges a response. A response with the victim's data is no denial, whatever its status.
pub(crate) fn judge(fixture: &Fixture, attack: &Attack, call: &Call, reply: &Reply) -> Verdict {
    let code = reply.code();
    let answer = format!("{} {code}", reply.status).trim_end().to_owned();
    if fixture.reveals_secret(reply) {
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

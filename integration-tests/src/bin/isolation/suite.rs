//! The run of the attacks and their controls, and the comparison of the victim's data after each
//! group.

use futures_util::{StreamExt as _, stream};

use crate::{
    attack::{Attack, Availability, Control, Group, Verdict, judge},
    call::Signer,
    fixture::Fixture,
    snapshot::{self, Snapshot},
    target::Kind,
};

/// Number of concurrent attacks.
const AT_ONCE: usize = 8;

/// The outcome of one attack.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) id: String,
    pub(crate) group: &'static str,
    pub(crate) verdict: Verdict,
}

impl Outcome {
    /// Returns whether the attacker gained nothing.
    pub(crate) fn is_denied(&self) -> bool {
        !matches!(self.verdict, Verdict::NotDenied(_))
    }
}

/// The findings of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    pub(crate) outcomes: Vec<Outcome>,
    /// Other failures: a failed control, or a change of the victim's data.
    pub(crate) faults: Vec<String>,
}

impl Findings {
    /// Returns the attacks that were not denied.
    pub(crate) fn through(&self) -> Vec<&Outcome> {
        self.outcomes
            .iter()
            .filter(|outcome| !outcome.is_denied())
            .collect()
    }
}

/// The extent of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// The attacks, their controls, and a comparison of the victim's data.
    Everything,
    /// The attacks alone. Enough to detect a mutation, under which controls may fail and data may
    /// change.
    AttacksOnly,
}

/// Runs all groups, one after the other.
pub(crate) async fn run(
    fixture: &Fixture,
    groups: &[Group],
    depth: Depth,
) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let mut before = look(fixture, depth).await?;
    for group in groups {
        let tried: Vec<&Attack> = group
            .attacks
            .iter()
            .filter(|attack| {
                attack.availability == Availability::Everywhere || fixture.target.kind == Kind::Aws
            })
            .collect();
        if depth == Depth::Everything {
            findings.faults.extend(own_controls(fixture, &tried).await?);
        }
        let outcomes: Vec<Outcome> = stream::iter(&tried)
            .map(|attack| try_one(fixture, group.title, attack))
            .buffered(AT_ONCE)
            .collect()
            .await;
        findings.outcomes.extend(outcomes);
        let after = look(fixture, depth).await?;
        for changed in snapshot::differences(&before, &after) {
            findings
                .faults
                .push(format!("{}: {changed} changed", group.title));
        }
        before = after;
        if depth == Depth::Everything {
            findings
                .faults
                .extend(operator_controls(fixture, &tried).await?);
        }
    }
    Ok(findings)
}

async fn look(fixture: &Fixture, depth: Depth) -> anyhow::Result<Snapshot> {
    match depth {
        Depth::Everything => snapshot::take(fixture).await,
        Depth::AttacksOnly => Ok(Snapshot::new()),
    }
}

async fn try_one(fixture: &Fixture, group: &'static str, attack: &Attack) -> Outcome {
    let call = (attack.call)(fixture);
    let verdict = match fixture.send(&call).await {
        Ok(reply) => judge(fixture, attack, &call, &reply),
        Err(error) => Verdict::NotDenied(format!("not sent: {error:#}")),
    };
    Outcome {
        id: attack.id.clone(),
        group,
        verdict,
    }
}

/// Sends the attacker's own controls, one after the other: some prepare the next one.
async fn own_controls(fixture: &Fixture, attacks: &[&Attack]) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for attack in attacks {
        if let Control::Own(request) = &attack.control {
            let reply = fixture.send(&request(fixture)).await?;
            if !reply.is_success() {
                let text = reply.text();
                faults.push(format!("control of {}: {} {text}", attack.id, reply.status));
            }
        }
    }
    Ok(faults)
}

async fn operator_controls(fixture: &Fixture, attacks: &[&Attack]) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for attack in attacks {
        if matches!(attack.control, Control::Operator) {
            let reply = fixture
                .send(&(attack.call)(fixture).by(Signer::Operator))
                .await?;
            if !reply.is_success() {
                let text = reply.text();
                faults.push(format!(
                    "control of {}, by the operator: {} {text}",
                    attack.id, reply.status
                ));
            }
        }
    }
    Ok(faults)
}

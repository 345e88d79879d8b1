//! The least-privilege check: every permission is needed. Each is removed in turn, and the journey
//! of a new user, the reconciliation run or the check of a function must fail.

use local::{
    console::line,
    deploy::{actions, transactions},
};
use serde_json::{Value, json};

use crate::{
    dead_letter_check, dispatch_check, live_role::LiveRole, reconcile_check, target::Target,
    user_journey,
};

/// The roles that the template's components use.
const ROLES: [&str; 9] = [
    "AuthenticatedRole",
    WORKER,
    "AuthorizerInvokeRole",
    "AuthorizerRole",
    "UploadRole",
    "ImagesRole",
    DISPATCH,
    RECONCILE,
    DEAD_LETTER,
];

/// The role of the dispatcher, without which a user's journey takes longer and does not fail.
const DISPATCH: &str = "DispatchRole";

/// The role of the reconciliation, which the user journey does not exercise.
const RECONCILE: &str = "ReconcileRole";

/// The role of the dead-letter function, which no successful run exercises.
const DEAD_LETTER: &str = "DeadLetterRole";

/// The policy with the permissions of the dead-letter function on data.
const DATA_POLICY: &str = "give-up";

/// An action that no component uses.
const UNUSED: &str = "sts:GetCallerIdentity";

const WORKER: &str = "ThumbnailRole";

/// One action of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Grant {
    policy: String,
    statement: usize,
    /// The statement's `Sid`, or its number.
    sid: String,
    action: String,
}

/// Removes every grant, one at a time. Returns whether every removal was detected.
pub(crate) async fn run(target: &Target) -> anyhow::Result<bool> {
    user_journey::run(target).await?;
    reconcile_check::pass(target).await?;
    dispatch_check::pass(target).await?;
    dead_letter_check::pass(target).await?;
    let (mut tried, mut needed, mut untestable) = (0, 0, 0);
    let dead_letter_role = LiveRole::read(target, DEAD_LETTER).await?;
    for logical_id in ROLES {
        let role = LiveRole::read(target, logical_id).await?;
        if logical_id == WORKER {
            // Otherwise the dead-letter function would do, after a while, the work of the
            // restricted worker.
            dead_letter_role.put(DATA_POLICY, &nothing()).await?;
        }
        for grant in grants(&role) {
            let name = format!("{logical_id}/{}/{}", grant.sid, grant.action);
            if let Some(reason) = untestable_here(logical_id, &grant.action) {
                untestable += 1;
                line(format_args!("grant={name} untestable={reason:?}"));
                continue;
            }
            tried += 1;
            let without = without(role.policy(&grant.policy)?, &grant);
            role.put(&grant.policy, &without).await?;
            let outcome = run_check(target, logical_id).await;
            role.restore().await?;
            match outcome {
                Ok(()) => line(format_args!(
                    "grant={name} UNUSED: every check passes without it"
                )),
                Err(error) => {
                    needed += 1;
                    let error: String = format!("{error:#}").chars().take(150).collect();
                    line(format_args!("grant={name} needed_for={error:?}"));
                }
            }
            // Otherwise the failure of the next grant could come from this one.
            run_check(target, logical_id).await?;
        }
        if logical_id == WORKER {
            dead_letter_role.restore().await?;
        }
    }
    line(format_args!(
        "grants={tried} needed={needed} untestable={untestable}"
    ));
    Ok(tried == needed)
}

/// Returns a policy that grants nothing.
fn nothing() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
}

/// Runs the check that needs the role.
async fn run_check(target: &Target, role: &str) -> anyhow::Result<()> {
    match role {
        RECONCILE => reconcile_check::pass(target).await,
        DISPATCH => dispatch_check::pass(target).await,
        DEAD_LETTER => dead_letter_check::pass(target).await,
        _ => user_journey::run(target).await,
    }
}

/// Returns the reason why the emulator can't test an action, if there is one.
fn untestable_here(role: &str, action: &str) -> Option<&'static str> {
    match action.split_once(':') {
        Some(("xray", _)) => Some("the emulator collects no traces"),
        Some(("logs", _)) => Some("functions write their logs to files here"),
        Some(("sqs", right))
            if right != "SendMessage" && [DISPATCH, WORKER, DEAD_LETTER].contains(&role) =>
        {
            Some("the local poller receives with its own rights")
        }
        Some(("lambda", _)) if role == "AuthorizerInvokeRole" => {
            Some("the emulator's gateway does not ask IAM")
        }
        _ => None,
    }
}

/// Lists the grants of a role. The emulator's own action names belong to the action that they stand
/// for.
fn grants(role: &LiveRole) -> Vec<Grant> {
    let mut grants = Vec::new();
    for (policy, document) in &role.policies {
        for (number, statement) in statements(document).iter().enumerate() {
            // It belongs to the statements that it joins.
            if statement["Sid"] == transactions::SID {
                continue;
            }
            let sid = statement["Sid"]
                .as_str()
                .map_or_else(|| policy.clone(), str::to_owned);
            for action in actions_of(statement)
                .into_iter()
                .filter(|action| !actions::is_emulators(action))
            {
                grants.push(Grant {
                    policy: policy.clone(),
                    statement: number,
                    sid: sid.clone(),
                    action,
                });
            }
        }
    }
    grants
}

/// Returns the policy without a grant, and without a statement that has no action left.
fn without(document: &Value, grant: &Grant) -> Value {
    let mut statements = statements(document);
    if grant.action == transactions::UPDATE {
        // What is left does not allow both of a transaction's updates.
        for joined in statements
            .iter_mut()
            .filter(|one| one["Sid"] == transactions::SID)
        {
            joined["Action"] = json!(UNUSED);
        }
    }
    if let Some(statement) = statements.get_mut(grant.statement) {
        let emulators = actions::emulators_names(&grant.action);
        let left: Vec<String> = actions_of(statement)
            .into_iter()
            .filter(|action| *action != grant.action && !emulators.contains(&action.as_str()))
            .collect();
        if left.is_empty() {
            // A policy must not be empty.
            statement["Action"] = json!(UNUSED);
        } else {
            statement["Action"] = json!(left);
        }
    }
    let mut document = document.clone();
    document["Statement"] = Value::Array(statements);
    document
}

fn statements(document: &Value) -> Vec<Value> {
    document["Statement"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![document["Statement"].clone()])
}

fn actions_of(statement: &Value) -> Vec<String> {
    match &statement["Action"] {
        Value::String(action) => vec![action.clone()],
        Value::Array(actions) => actions
            .iter()
            .filter_map(|action| Some(action.as_str()?.to_owned()))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Grant, without};

    fn grant(action: &str) -> Grant {
        Grant {
            policy: "p".to_owned(),
            statement: 1,
            sid: "s".to_owned(),
            action: action.to_owned(),
        }
    }

    #[test]
    fn removing_an_action_removes_the_emulator_s_names_of_it_and_nothing_else() {
        let document = json!({"Version": "2012-10-17", "Statement": [
            {"Action": "s3:GetObject", "Resource": "a"},
            {"Action": ["s3:GetObject", "s3:HeadObject", "s3:PutObject"], "Resource": "b"},
        ]});
        assert_eq!(
            without(&document, &grant("s3:GetObject")),
            json!({"Version": "2012-10-17", "Statement": [
                {"Action": "s3:GetObject", "Resource": "a"},
                {"Action": ["s3:PutObject"], "Resource": "b"},
            ]})
        );
    }
}

//! Widened policies. Each is a plausible mistake in the template, and the attacks must detect it.

use anyhow::{Context as _, ensure};
use local::console::line;
use serde_json::{Value, json};

use crate::{
    attacks,
    fixture::Fixture,
    live_role::LiveRole,
    suite::{self, Depth},
    target::Target,
};

const POLICY: &str = "own-objects-and-records";

/// A widened policy.
enum Widening {
    /// The users' permissions.
    Policy(fn(&mut Value)),
    /// The trust policy of the users' role.
    Trust(fn(&mut Value)),
}

const MUTATIONS: [(&str, Widening); 29] = [
    (
        "scan-without-null-guard",
        Widening::Policy(|policy| {
            let statement = statement(policy, "ReadOwnRecords");
            remove(&mut statement["Condition"], "Null");
            add_action(statement, "dynamodb:Scan");
        }),
    ),
    (
        "read-without-leading-keys",
        Widening::Policy(|policy| {
            remove(
                &mut statement(policy, "ReadOwnRecords")["Condition"],
                "ForAllValues:StringEquals",
            );
        }),
    ),
    (
        "index-without-leading-keys",
        Widening::Policy(|policy| {
            remove(
                &mut statement(policy, "ListOwnRecordsByCaptureTime")["Condition"],
                "ForAllValues:StringEquals",
            );
        }),
    ),
    (
        "index-scan-without-null-guard",
        Widening::Policy(|policy| {
            let statement = statement(policy, "ListOwnRecordsByCaptureTime");
            remove(&mut statement["Condition"], "Null");
            add_action(statement, "dynamodb:Scan");
        }),
    ),
    (
        "write-without-leading-keys",
        Widening::Policy(|policy| {
            remove(
                &mut statement(policy, "WriteOwnPendingRecords")["Condition"]["ForAllValues:StringEquals"],
                "dynamodb:LeadingKeys",
            );
        }),
    ),
    (
        "trust-without-aud",
        Widening::Trust(|trust| {
            remove(&mut trust["Statement"][0]["Condition"], "StringEquals");
        }),
    ),
    (
        "trust-without-amr",
        Widening::Trust(|trust| {
            remove(
                &mut trust["Statement"][0]["Condition"],
                "ForAnyValue:StringLike",
            );
        }),
    ),
    (
        "originals-of-all-users",
        Widening::Policy(|policy| star_identity(statement(policy, "OwnOriginals"))),
    ),
    (
        "puts-of-all-users",
        Widening::Policy(|policy| star_identity(statement(policy, "WriteOwnOriginals"))),
    ),
    (
        "any-storage-class",
        Widening::Policy(|policy| {
            remove(
                &mut statement(policy, "WriteOwnOriginals")["Condition"],
                "StringEqualsIfExists",
            );
        }),
    ),
    (
        "customers-keys",
        Widening::Policy(|policy| {
            remove(
                &mut statement(policy, "WriteOwnOriginals")["Condition"],
                "Null",
            );
        }),
    ),
    (
        // The emulator's names stand for a false `s3:ObjectCreationOperation` (`deploy::actions`).
        "uploads-in-parts",
        Widening::Policy(|policy| {
            let statement = statement(policy, "WriteOwnOriginals");
            add_action(statement, "s3:CreateMultipartUpload");
            add_action(statement, "s3:UploadPart");
        }),
    ),
    (
        "parts-of-uploads",
        Widening::Policy(|policy| {
            add_action(statement(policy, "WriteOwnOriginals"), "s3:UploadPart");
        }),
    ),
    (
        "copies-of-anything",
        Widening::Policy(|policy| {
            remove(
                &mut statement(policy, "WriteOwnOriginals")["Condition"],
                "StringLikeIfExists",
            );
        }),
    ),
    (
        "key-of-kms-alone",
        Widening::Policy(|policy| {
            remove(
                &mut statement(policy, "WriteOwnOriginals")["Condition"]["Null"],
                "s3:x-amz-server-side-encryption-aws-kms-key-id",
            );
        }),
    ),
    (
        "any-extension",
        Widening::Policy(|policy| {
            rename(statement(policy, "WriteOwnOriginals"), |key| {
                key.rsplit_once('.')
                    .map_or_else(String::new, |(key, _)| format!("{key}.*"))
            });
        }),
    ),
    (
        "any-name",
        Widening::Policy(|policy| {
            rename(statement(policy, "WriteOwnOriginals"), |key| {
                let folder = key.rsplit_once('/').unwrap_or_default().0;
                let extension = key.rsplit_once('.').unwrap_or_default().1;
                format!("{folder}/*.{extension}")
            });
        }),
    ),
    (
        "thumbnails-of-all-users",
        Widening::Policy(|policy| star_identity(statement(policy, "OwnThumbnails"))),
    ),
    (
        "prefix-without-slash",
        Widening::Policy(|policy| {
            for sid in ["OwnOriginals", "WriteOwnOriginals"] {
                rename(statement(policy, sid), |key| {
                    key.replace("}/*", "}*").replace("}/?", "}*/?")
                });
            }
        }),
    ),
    (
        "status-is-the-user-s",
        Widening::Policy(|policy| {
            let condition = &mut statement(policy, "WriteOwnPendingRecords")["Condition"];
            if let Some(names) =
                condition["ForAllValues:StringEquals"]["dynamodb:Attributes"].as_array_mut()
            {
                names.push(json!("status"));
            }
        }),
    ),
    (
        "taken-key-is-the-user-s",
        Widening::Policy(|policy| {
            let condition = &mut statement(policy, "WriteOwnPendingRecords")["Condition"];
            if let Some(names) =
                condition["ForAllValues:StringEquals"]["dynamodb:Attributes"].as_array_mut()
            {
                names.push(json!("takenKey"));
            }
        }),
    ),
    (
        "usage-is-the-user-s",
        Widening::Policy(|policy| {
            let condition = &mut statement(policy, "WriteOwnPendingRecords")["Condition"];
            let keys = &mut condition["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"];
            let own = keys[0].as_str().unwrap_or_default().to_owned();
            *keys = json!([own, format!("usage#{own}")]);
        }),
    ),
    (
        "usage-may-be-removed",
        Widening::Policy(|policy| {
            add_action(statement(policy, "ReadOwnUsage"), "dynamodb:DeleteItem");
        }),
    ),
    (
        "usage-of-others",
        Widening::Policy(|policy| {
            remove(
                &mut statement(policy, "ReadOwnUsage")["Condition"],
                "ForAllValues:StringEquals",
            );
        }),
    ),
    (
        "put-item",
        Widening::Policy(|policy| {
            add_action(
                statement(policy, "WriteOwnPendingRecords"),
                "dynamodb:PutItem",
            );
        }),
    ),
    (
        "delete-item",
        Widening::Policy(|policy| {
            add_action(statement(policy, "ReadOwnRecords"), "dynamodb:DeleteItem");
        }),
    ),
    (
        "all-values-returned",
        Widening::Policy(|policy| {
            remove(
                &mut statement(policy, "WriteOwnPendingRecords")["Condition"],
                "StringEqualsIfExists",
            );
        }),
    ),
    (
        "thumbnails-are-the-user-s",
        Widening::Policy(|policy| add_action(statement(policy, "OwnThumbnails"), "s3:PutObject")),
    ),
    (
        "listing",
        Widening::Policy(|policy| {
            let bucket = statement(policy, "OwnOriginals")["Resource"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let bucket = bucket.split('/').next().unwrap_or_default().to_owned();
            let listing = json!({"Effect": "Allow", "Action": ["s3:ListBucket", "s3:ListObjectsV2", "s3:ListObjects"], "Resource": bucket});
            if let Some(statements) = policy["Statement"].as_array_mut() {
                statements.push(listing);
            }
        }),
    ),
];

/// Runs all attacks against every widened policy. Returns whether each was detected.
pub(crate) async fn run(target: &Target) -> anyhow::Result<bool> {
    let role = LiveRole::read(target, "AuthenticatedRole").await?;
    // Attacks that succeed without a mutation detect none.
    let before = attack(target).await?;
    report("none-before", &before);
    let mut caught = 0;
    for (name, widening) in &MUTATIONS {
        widen(&role, widening)
            .await
            .with_context(|| (*name).to_owned())?;
        let through = attack(target).await;
        role.restore().await?;
        let mut through = through.with_context(|| (*name).to_owned())?;
        through.retain(|id| !before.contains(id));
        caught += usize::from(!through.is_empty());
        report(name, &through);
    }
    let after = attack(target).await?;
    report("none-after", &after);
    line(format_args!(
        "mutations={} caught={caught}",
        MUTATIONS.len()
    ));
    Ok(caught == MUTATIONS.len() && before.is_empty() && after.is_empty())
}

/// Prints some of the attacks that succeeded, and their number.
fn report(mutation: &str, through: &[String]) {
    let some: Vec<&str> = through.iter().take(5).map(String::as_str).collect();
    line(format_args!(
        "mutation={mutation} through={} caught_by={}",
        through.len(),
        some.join(",")
    ));
}

async fn widen(role: &LiveRole, widening: &Widening) -> anyhow::Result<()> {
    match widening {
        Widening::Policy(edit) => {
            let before = role.policy(POLICY)?;
            let mut policy = before.clone();
            edit(&mut policy);
            ensure!(policy != *before, "the mutation changes nothing");
            role.put(POLICY, &policy).await
        }
        Widening::Trust(edit) => {
            let mut trust = role.trust().clone();
            edit(&mut trust);
            ensure!(trust != *role.trust(), "the mutation changes nothing");
            role.put_trust(&trust).await
        }
    }
}

/// Returns the ids of the attacks that succeed. The users are new, so that their sessions have the
/// current role.
async fn attack(target: &Target) -> anyhow::Result<Vec<String>> {
    let fixture = Box::pin(Fixture::create(target)).await?;
    let findings = Box::pin(suite::run(&fixture, &attacks::all(), Depth::AttacksOnly)).await;
    fixture.remove().await?;
    let findings = findings?;
    Ok(findings
        .through()
        .into_iter()
        .map(|outcome| outcome.id.clone())
        .collect())
}

/// Returns a statement by its `Sid`. An absent one becomes a detached value: the mutation then
/// changes nothing, which the caller detects.
fn statement<'a>(policy: &'a mut Value, sid: &str) -> &'a mut Value {
    let found = policy["Statement"]
        .as_array()
        .and_then(|all| all.iter().position(|one| one["Sid"] == sid));
    match found {
        Some(position) => &mut policy["Statement"][position],
        None => policy,
    }
}

fn remove(object: &mut Value, member: &str) {
    if let Some(object) = object.as_object_mut() {
        object.remove(member);
    }
}

fn add_action(statement: &mut Value, action: &str) {
    let mut actions = match &statement["Action"] {
        Value::Array(actions) => actions.clone(),
        one => vec![one.clone()],
    };
    actions.push(json!(action));
    statement["Action"] = Value::Array(actions);
}

fn star_identity(statement: &mut Value) {
    rename(statement, |key| {
        key.replace("${cognito-identity.amazonaws.com:sub}/*", "*")
            .replace("${cognito-identity.amazonaws.com:sub}", "*")
    });
}

/// Changes the names of a statement's resources.
fn rename(statement: &mut Value, change: impl Fn(&str) -> String) {
    match &mut statement["Resource"] {
        Value::Array(names) => {
            for name in names {
                *name = json!(change(name.as_str().unwrap_or_default()));
            }
        }
        name => *name = json!(change(name.as_str().unwrap_or_default())),
    }
}

//! Attacks on the functions: invoked without the gateway, read, replaced.

use serde_json::json;

use crate::{
    attack::{Attack, DeniedBy},
    call::lambda,
    fixture::Fixture,
};

const FUNCTIONS: &str = "/2015-03-31/functions";
const HARMFUL: &str = "it would change the function";

/// The id, the description, the action, and the path.
type Read = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Fixture) -> String,
);

/// Returns a removal of the victim's original, in the form that the poller passes to the worker.
fn removal(fixture: &Fixture) -> String {
    let body = json!({"Records": [{
        "eventSource": "aws:s3", "eventName": "ObjectRemoved:Delete",
        "s3": {"bucket": {"name": fixture.bucket()}, "object": {"key": fixture.their_original(), "sequencer": "FF"}},
    }]});
    json!({"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": body.to_string()}]})
        .to_string()
}

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for name in [
        "authorizer",
        "upload",
        "images",
        "dispatch",
        "thumbnail",
        "reconcile",
        "dead-letter",
    ] {
        attacks.push(
            Attack::new(
                format!("lambda-invoke-{name}"),
                format!("invoke `{name}` past the gateway"),
                DeniedBy::NotGranted("lambda:InvokeFunction"),
                move |s| {
                    lambda(
                        "POST",
                        &format!("{FUNCTIONS}/{}/invocations", s.target.function(name)),
                    )
                    .body(removal(s))
                },
            )
            .uncontrolled("it would run"),
        );
    }
    attacks.push(
        Attack::new(
            "lambda-invoke-event",
            "invoke the worker asynchronously",
            DeniedBy::NotGranted("lambda:InvokeFunction"),
            |s| {
                lambda(
                    "POST",
                    &format!("{FUNCTIONS}/{}/invocations", s.target.function("thumbnail")),
                )
                .header("x-amz-invocation-type", "Event")
                .body(removal(s))
            },
        )
        .uncontrolled("it would run"),
    );
    let reads: [Read; 4] = [
        (
            "lambda-list",
            "list functions",
            "lambda:ListFunctions",
            |_| FUNCTIONS.to_owned() + "/",
        ),
        (
            "lambda-get",
            "read a function's code and environment",
            "lambda:GetFunction",
            |s| format!("{FUNCTIONS}/{}", s.target.function("upload")),
        ),
        (
            "lambda-get-configuration",
            "read a function's environment",
            "lambda:GetFunctionConfiguration",
            |s| {
                format!(
                    "{FUNCTIONS}/{}/configuration",
                    s.target.function("thumbnail")
                )
            },
        ),
        (
            "lambda-list-mappings",
            "list event source mappings",
            "lambda:ListEventSourceMappings",
            |_| "/2015-03-31/event-source-mappings/".to_owned(),
        ),
    ];
    for (id, tries, action, path) in reads {
        attacks.push(Attack::new(
            id,
            tries,
            DeniedBy::NotGranted(action),
            move |s| lambda("GET", &path(s)),
        ));
    }
    let worker = |s: &Fixture| format!("{FUNCTIONS}/{}", s.target.function("thumbnail"));
    attacks.extend([
        Attack::new("lambda-code", "replace the worker's code", DeniedBy::NotGranted("lambda:UpdateFunctionCode"), move |s| {
            lambda("PUT", &format!("{}/code", worker(s))).body(json!({"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}).to_string())
        })
        .uncontrolled(HARMFUL),
        Attack::new("lambda-configuration", "change the worker's environment", DeniedBy::NotGranted("lambda:UpdateFunctionConfiguration"), move |s| {
            lambda("PUT", &format!("{}/configuration", worker(s))).body(json!({"Environment": {"Variables": {}}}).to_string())
        })
        .uncontrolled(HARMFUL),
        Attack::new("lambda-permission", "let any principal invoke the worker", DeniedBy::NotGranted("lambda:AddPermission"), move |s| {
            lambda("POST", &format!("{}/policy", worker(s))).body(
                json!({"StatementId": "x", "Action": "lambda:InvokeFunction", "Principal": "*"}).to_string(),
            )
        })
        .uncontrolled(HARMFUL),
        Attack::new("lambda-delete", "delete the worker", DeniedBy::NotGranted("lambda:DeleteFunction"), move |s| lambda("DELETE", &worker(s)))
            .uncontrolled(HARMFUL),
        Attack::new("lambda-url", "give the worker a public URL", DeniedBy::NotGranted("lambda:CreateFunctionUrlConfig"), move |s| {
            let path = format!("/2021-10-31/functions/{}/url", s.target.function("thumbnail"));
            lambda("POST", &path).body(json!({"AuthType": "NONE"}).to_string())
        })
        .uncontrolled(HARMFUL),
        Attack::new("lambda-concurrency", "stop the worker", DeniedBy::NotGranted("lambda:PutFunctionConcurrency"), |s| {
            let path = format!("/2017-10-31/functions/{}/concurrency", s.target.function("thumbnail"));
            lambda("PUT", &path).body(json!({"ReservedConcurrentExecutions": 0}).to_string())
        })
        .uncontrolled(HARMFUL),
        Attack::new("lambda-mapping", "feed the attacker's function from the queue", DeniedBy::NotGranted("lambda:CreateEventSourceMapping"), |s| {
            let source = format!("arn:aws:sqs:{}:{}:hikidashi-{}", s.target.outputs.region, s.target.account, s.target.stage);
            lambda("POST", "/2015-03-31/event-source-mappings/")
                .body(json!({"EventSourceArn": source, "FunctionName": s.target.function("images")}).to_string())
        })
        .uncontrolled(HARMFUL),
        Attack::new("lambda-create-pass-role", "create a function with the worker's role", DeniedBy::NotGranted("lambda:CreateFunction"), |s| {
            lambda("POST", FUNCTIONS).body(
                json!({
                    "FunctionName": "attacker", "Role": s.target.role_arn("ThumbnailRole"), "Runtime": "provided.al2023",
                    "Handler": "bootstrap", "Code": {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
                })
                .to_string(),
            )
        })
        .uncontrolled("it would leave a function"),
    ]);
    attacks
}

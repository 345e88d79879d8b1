//! The execution environment, with the tests in the role of the emulator and of the function.

mod stage;

use std::time::Duration;

use serde_json::json;
use stage::{IDLE, client, json_of, stage};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_response_comes_back_byte_for_byte() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, _) = stage.next_start().await;
    let large = "x".repeat(3 << 20);
    let answer = stage.invoke(large.clone());
    let (id, payload) = runtime.next().await;
    assert_eq!(payload.len(), large.len());
    let response = format!("{{ \"b\" : 1.0, \"a\":\"{large}\" }}\n");
    assert_eq!(runtime.respond(&id, response.clone()).await, 202);
    assert_eq!(answer.await.unwrap().unwrap(), response);
}

#[tokio::test]
async fn an_event_over_lambda_s_limit_does_not_reach_the_function() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, _) = stage.next_start().await;
    let event = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let limit = super::endpoint::MAX_EVENT_BYTES;

    assert!(stage.invoke(event(limit + 1)).await.unwrap().is_err());
    let answer = stage.invoke(event(limit));
    let (id, payload) = runtime.next().await;
    assert_eq!(payload.len(), limit);
    runtime.respond(&id, "{}").await;
    assert_eq!(answer.await.unwrap().unwrap(), "{}");
}

#[tokio::test]
async fn an_event_carries_the_headers_that_a_runtime_needs() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, _) = stage.next_start().await;
    let answer = stage.invoke("{}");
    let next = client()
        .get(format!("{}/invocation/next", runtime.0))
        .send()
        .await
        .unwrap();
    let header = |name: &str| next.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        header("lambda-runtime-invoked-function-arn"),
        "arn:aws:lambda:r:1:function:f"
    );
    assert!(header("lambda-runtime-trace-id").starts_with("Root=1-"));
    let deadline: u128 = header("lambda-runtime-deadline-ms").parse().unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    assert!(deadline > now && deadline <= now + MINUTE.as_millis());
    runtime
        .respond(&header("lambda-runtime-aws-request-id"), "1")
        .await;
    answer.await.unwrap().unwrap();
}

#[tokio::test]
async fn overlapping_invocations_wait_for_their_turn() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, _) = stage.next_start().await;
    let answers: Vec<_> = (0..5).map(|n| (n, stage.invoke(n.to_string()))).collect();
    for _ in 0..5 {
        let (id, payload) = runtime.next().await;
        runtime.respond(&id, format!("\"{payload}\"")).await;
    }
    for (n, answer) in answers {
        assert_eq!(json_of(answer).await, json!(n.to_string()));
    }
}

#[tokio::test]
async fn a_reported_error_is_a_function_error_and_the_function_lives_on() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, _) = stage.next_start().await;
    for _ in 0..2 {
        let answer = stage.invoke("{}");
        let (id, _) = runtime.next().await;
        let error = r#"{"errorType":"E","errorMessage":"m"}"#;
        assert_eq!(
            runtime.post(&format!("invocation/{id}/error"), error).await,
            202
        );
        assert_eq!(
            json_of(answer).await,
            json!({ "errorType": "E", "errorMessage": "m" })
        );
    }
}

#[tokio::test]
async fn a_failed_sqs_batch_breaks_the_connection() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, _) = stage.next_start().await;
    let answer = stage.invoke(r#"{"Records":[{"eventSource":"aws:sqs","messageId":"1"}]}"#);
    let (id, _) = runtime.next().await;
    runtime
        .post(&format!("invocation/{id}/error"), r#"{"errorType":"E"}"#)
        .await;
    assert!(
        answer.await.unwrap().is_err(),
        "the emulator would delete the messages"
    );
}

#[tokio::test]
async fn an_sqs_batch_that_succeeds_is_answered() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, _) = stage.next_start().await;
    let answer = stage.invoke(r#"{"Records":[{"eventSource":"aws:sqs","messageId":"1"}]}"#);
    let (id, _) = runtime.next().await;
    runtime.respond(&id, r#"{"batchItemFailures":[]}"#).await;
    assert_eq!(json_of(answer).await, json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn a_bootstrap_killed_in_the_middle_is_an_exit_error_and_the_next_invocation_gets_another() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, pid) = stage.next_start().await;
    let answer = stage.invoke("1");
    let (id, _) = runtime.next().await;
    super::process::kill_group(pid);
    let expected = format!("RequestId: {id} Error: Runtime exited with error: signal: killed");
    assert_eq!(
        json_of(answer).await,
        json!({ "errorType": "Runtime.ExitError", "errorMessage": expected })
    );

    let answer = stage.invoke("2");
    let (runtime, another) = stage.next_start().await;
    assert_ne!(another, pid);
    let (id, payload) = runtime.next().await;
    assert_eq!(payload, "2");
    runtime.respond(&id, payload).await;
    assert_eq!(json_of(answer).await, json!(2));
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_killed_and_says_so() {
    let mut stage = stage(Duration::from_millis(50), IDLE).await;
    let (runtime, pid) = stage.next_start().await;
    let answer = stage.invoke("{}");
    let (id, _) = runtime.next().await;
    assert_eq!(
        json_of(answer).await,
        json!({
            "errorType": "Sandbox.Timedout",
            "errorMessage": format!("RequestId: {id} Error: Task timed out after 0.05 seconds"),
        })
    );
    assert!(
        super::process::Process::alive(pid).is_none(),
        "it would go on working"
    );
}

#[tokio::test]
async fn a_bootstrap_that_exits_at_once_fails_every_invocation_and_is_not_started_in_between() {
    let mut stage = stage(MINUTE, "echo no config; exit 3").await;
    for _ in 0..2 {
        let error = json_of(stage.invoke("{}")).await;
        assert_eq!(error["errorType"], "Runtime.ExitError");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(
            message.ends_with("Runtime exited with error: exit status 3"),
            "{message}"
        );
    }
    // One start before the first invocation, which may or may not have found it alive, then one
    // each.
    let mut starts = 0;
    while stage.started.try_recv().is_ok() {
        starts += 1;
    }
    assert!((2..=3).contains(&starts), "{starts}");
    // The output arrives through a pipe, with a delay.
    let log = stage.dir.path().join("log");
    let printed = async {
        while !std::fs::read_to_string(&log).unwrap().contains("no config") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(MINUTE, printed).await.unwrap();
}

#[tokio::test]
async fn an_init_error_is_the_answer_of_the_invocation_that_waits_for_it() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, _) = stage.next_start().await;
    let error = json!({ "errorType": "Config", "errorMessage": "TABLE is not set" });
    runtime.post("init/error", error.to_string()).await;
    assert_eq!(json_of(stage.invoke("{}")).await, error);
}

#[tokio::test]
async fn an_answer_to_another_event_is_refused() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, _) = stage.next_start().await;
    let answer = stage.invoke("{}");
    let (id, _) = runtime.next().await;
    assert_eq!(runtime.respond("another", "1").await, 400);
    assert_eq!(runtime.respond(&id, "2").await, 202);
    assert_eq!(runtime.respond(&id, "3").await, 400);
    assert_eq!(json_of(answer).await, json!(2));
}

#[tokio::test]
async fn a_response_larger_than_lambda_takes_is_a_function_error() {
    let mut stage = stage(MINUTE, IDLE).await;
    let (runtime, _) = stage.next_start().await;
    let answer = stage.invoke("{}");
    let (id, _) = runtime.next().await;
    let body = "x".repeat(super::failure::MAX_RESPONSE_BYTES + 1);
    assert_eq!(runtime.respond(&id, body).await, 413);
    assert_eq!(
        json_of(answer).await["errorType"],
        "Function.ResponseSizeTooLarge"
    );
}

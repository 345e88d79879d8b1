//! The events that subscribers of the event bus receive.

use anyhow::{Context, ensure};
use local::{deploy::root, stack::Stack};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::with_stack;
use integration_tests::{images, stack::eventually, user::TestUser};

/// Calls a service with a JSON protocol, with the emulator's root credentials.
async fn call(stack: &Stack, service: &str, operation: &str, body: Value) -> anyhow::Result<Value> {
    let answer = reqwest::Client::new()
        .post(stack.fakecloud_url())
        .header("authorization", root::authorization(service))
        .header("x-amz-target", operation)
        .header("content-type", "application/x-amz-json-1.0")
        .body(body.to_string())
        .send()
        .await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{operation}: {status}: {text}");
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

/// Creates a queue that receives all events of the bus. Returns its URL.
async fn subscribe(stack: &Stack) -> anyhow::Result<String> {
    let name = format!("listener-{}", Uuid::new_v4().simple());
    let queue = call(
        stack,
        "sqs",
        "AmazonSQS.CreateQueue",
        json!({"QueueName": name}),
    )
    .await?;
    let url = queue["QueueUrl"].as_str().context("a URL")?.to_owned();
    let asked = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
    let attributes = call(stack, "sqs", "AmazonSQS.GetQueueAttributes", asked).await?;
    let arn = attributes["Attributes"]["QueueArn"].clone();
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage", "Resource": arn,
    }]});
    let set = json!({"QueueUrl": url, "Attributes": {"Policy": policy.to_string()}});
    call(stack, "sqs", "AmazonSQS.SetQueueAttributes", set).await?;
    let bus = "hikidashi-dev";
    let pattern = json!({"source": ["hikidashi"]}).to_string();
    let rule = json!({"Name": name, "EventBusName": bus, "EventPattern": pattern});
    call(stack, "events", "AWSEvents.PutRule", rule).await?;
    let targets = json!({"Rule": name, "EventBusName": bus, "Targets": [{"Id": "1", "Arn": arn}]});
    call(stack, "events", "AWSEvents.PutTargets", targets).await?;
    Ok(url)
}

/// Waits for the event of an image.
async fn receive_event(stack: &Stack, queue: &str, image: &str) -> anyhow::Result<Value> {
    eventually("the event is published", || async move {
        let asked = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10});
        let answer = call(stack, "sqs", "AmazonSQS.ReceiveMessage", asked).await?;
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        let events = messages
            .iter()
            .filter_map(|message| serde_json::from_str(message["Body"].as_str()?).ok());
        let mut ours = events.filter(|event: &Value| event["detail"]["imageId"] == image);
        Ok(ours.next())
    })
    .await
}

#[test]
fn ready_and_failed_images_are_announced_on_the_event_bus() {
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let queue = subscribe(stack).await?;
        let good = alice.upload(images::jpeg(80, 40)).await?;
        let event = receive_event(stack, &queue, &good).await?;
        assert_eq!(event["source"], "hikidashi");
        assert_eq!(event["detail-type"], "ImageReady");
        let detail = &event["detail"];
        assert_eq!(detail["version"], 1);
        assert_eq!(detail["stage"], "dev");
        assert_eq!(detail["identityId"], alice.own().await?.identity.as_str());
        assert_eq!(
            (&detail["width"], &detail["height"]),
            (&json!(80), &json!(40))
        );
        assert_eq!(detail["format"], "jpeg");
        // A subscriber that reads the image at once finds it ready.
        assert_eq!(
            alice.get(&format!("/images/{good}")).await?.1["status"],
            "ready"
        );

        let own = alice.own().await?;
        let bad = Uuid::now_v7().to_string();
        let put = own.s3.put_object().bucket(&stack.outputs().bucket_name);
        let key = format!("original-files/dev/{}/{bad}.jpg", own.identity);
        let half = images::jpeg(640, 480)[..2000].to_vec();
        put.key(key).body(half.into()).send().await?;
        let event = receive_event(stack, &queue, &bad).await?;
        assert_eq!(event["detail-type"], "ImageFailed");
        let image = alice.done(&bad).await?;
        assert_eq!(event["detail"]["code"], image["failure"]["code"]);
        assert_eq!(event["detail"].get("message"), None);
        Ok(())
    });
}

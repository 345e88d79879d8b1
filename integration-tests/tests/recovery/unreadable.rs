//! Messages that are no S3 events of this stack.

use serde_json::json;

use crate::with_stack;
use crate::{
    alone,
    event_delivery::{event, send, take},
};
use integration_tests::{images, user::TestUser};

#[test]
fn an_unreadable_message_is_kept_for_an_operator_and_delays_no_other() {
    let _alone = alone();
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let identity = alice.own().await?.identity;
        let key = format!("original-files/dev/{identity}/0190a5d0-7bcd-7abc-8def-0123456789ab.jpg");
        let created =
            |key: &str, sequencer: &str| event(stack, "ObjectCreated:Put", key, sequencer);
        let bodies = [
            "no JSON at all".to_owned(),
            "{}".to_owned(),
            "x".repeat(256 * 1024),
            // The forms of SNS and `EventBridge`, which the template does not use.
            json!({"Type": "Notification", "Message": created(&key, "1").to_string()}).to_string(),
            json!({"source": "aws.s3", "detail-type": "Object Created", "detail": {"object": {"key": key}}})
                .to_string(),
            created("original-files/dev/%FF%FE/x.jpg", "1").to_string(),
            created(&key, "no number").to_string(),
            event(stack, "ObjectRestore:Post", &key, "1").to_string(),
        ];
        for body in &bodies {
            send(stack, body).await?;
        }
        let image = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&image).await?;
        for body in &bodies {
            take(stack, &stack.outputs().unreadable_queue_url, body).await?;
        }
        assert_eq!(alice.items().await?.len(), 1);
        Ok(())
    });
}

#[test]
fn an_unrelated_message_is_acknowledged_and_changes_nothing() {
    let _alone = alone();
    with_stack(|stack| async move {
        let alice = TestUser::new(stack).await?;
        let identity = alice.own().await?.identity;
        let image = "0190a5d0-7bcd-7abc-8def-0123456789ab";
        let mut elsewhere = event(stack, "ObjectCreated:Put", "k", "1");
        elsewhere["Records"][0]["s3"]["bucket"]["name"] = "another-bucket".into();
        let test = json!({
            "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-01-31T12:00:00.000Z",
            "Bucket": stack.outputs().bucket_name, "RequestId": "1", "HostId": "2"
        });
        let mut bodies = vec![test.to_string(), elsewhere.to_string()];
        for key in [
            "k".to_owned(),
            format!("thumbnails/dev/{identity}/{image}/small.jpg"),
            format!("original-files/prod/{identity}/{image}.jpg"),
            format!("original-files/dev/{image}.jpg"),
            format!("original-files/dev//{identity}/{image}.jpg"),
            format!("original-files/dev/{identity}//{image}.jpg"),
            format!("original-files/dev/{identity}/{image}.jpg/"),
            format!("original-files/dev/{identity}/../{identity}/{image}.jpg"),
            format!("original-files/dev/{identity}/{}.jpg", "k".repeat(1024)),
        ] {
            bodies.push(event(stack, "ObjectCreated:Put", &key, "1").to_string());
            bodies.push(event(stack, "ObjectRemoved:Delete", &key, "2").to_string());
        }
        // An event of a future version, with unknown fields: the known fields are used.
        let whole = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&whole).await?;
        let mut later = event(
            stack,
            "ObjectCreated:Put",
            &format!("original-files/dev/{identity}/{whole}.jpg"),
            &"f".repeat(20),
        );
        later["Records"][0]["eventVersion"] = "3.0".into();
        later["Records"][0]["s3"]["news"] = json!([1, 2]);
        bodies.push(later.to_string());

        for body in &bodies {
            send(stack, body).await?;
        }
        // The queue delivers in order: when this image is ready, all earlier messages are
        // processed.
        let last = alice.upload(images::jpeg(64, 64)).await?;
        alice.ready(&last).await?;
        alice.ready(&whole).await?;
        assert_eq!(alice.items().await?.len(), 2);
        for queue in [
            &stack.outputs().queue_url,
            &stack.outputs().retry_queue_url,
            &stack.outputs().dead_letter_queue_url,
            &stack.outputs().unreadable_queue_url,
        ] {
            integration_tests::stack::eventually("the queue is empty", || async move {
                let received = aws_sdk_sqs::Client::new(stack.sdk_config())
                    .receive_message()
                    .queue_url(queue)
                    .max_number_of_messages(10)
                    .visibility_timeout(0)
                    .wait_time_seconds(0)
                    .send()
                    .await?;
                Ok(received.messages().is_empty().then_some(()))
            })
            .await?;
        }
        Ok(())
    });
}

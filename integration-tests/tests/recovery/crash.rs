//! Pictures that no worker survives.

use local::stack::Stack;
use reqwest::Method;

use crate::{
    alone,
    person::Person,
    pictures,
    world::{eventually, with_stack},
};

#[test]
fn a_picture_whose_processing_always_crashes_becomes_failed_by_itself_and_can_be_tried_again() {
    let _alone = alone();
    with_stack(|stack| async move {
        let alice = &Person::new(stack).await?;
        // Large enough to be caught at work.
        let image = alice.upload(pictures::noise(1200, 1200)).await?;
        let path = &format!("/images/{image}");
        let failed = eventually("the picture is given up", || async move {
            kill_workers_at_work(stack).await?;
            let (_, resource) = alice.get(path).await?;
            anyhow::ensure!(resource["status"] != "ready", "it escaped: {resource}");
            Ok((resource["status"] == "failed").then_some(resource))
        })
        .await?;
        assert_eq!(failed["failure"]["code"], "processing_failed", "{failed}");
        let message = failed["failure"]["message"].as_str().unwrap_or_default();
        assert!(message.contains("5 attempts"), "{message}");
        assert!(failed["processedAt"].is_string(), "{failed}");

        let retry = alice.request(Method::POST, &format!("{path}/retry"));
        assert_eq!(retry.send().await?.status(), 202);
        eventually("the picture is ready", || async move {
            let (_, resource) = alice.get(path).await?;
            Ok((resource["status"] == "ready").then_some(()))
        })
        .await
    });
}

async fn kill_workers_at_work(stack: &Stack) -> anyhow::Result<()> {
    let workers = stack.containers()?.into_iter().filter(|container| {
        container.function.ends_with("thumbnail") && container.in_flight.is_some()
    });
    for pid in workers.filter_map(|worker| worker.pid) {
        // It may have ended by itself.
        tokio::process::Command::new("kill")
            .args(["-9", &pid.to_string()])
            .status()
            .await?;
    }
    Ok(())
}

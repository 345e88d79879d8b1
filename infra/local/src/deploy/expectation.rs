//! Whether the stack holds what the template promises.
//!
//! An emulator may skip a resource type that it does not know and still call the stack complete.

use super::template::Resource;

/// A resource of the deployed stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// The logical id; of an expanded resource, one that starts with its origin's.
    pub logical_id: String,
    /// The type.
    pub kind: String,
    /// What AWS calls it: a name, an ARN or a URL.
    pub physical_id: String,
}

/// Names what the template promises and the stack lacks.
pub fn missing(resources: &[Resource], deployed: &[Deployed]) -> Vec<String> {
    let mut missing = Vec::new();
    for resource in resources {
        let kind = expanded(&resource.kind);
        let exact = |one: &&Deployed| one.logical_id == resource.logical_id && one.kind == kind;
        if deployed.iter().find(exact).is_none() {
            missing.push(format!("{} ({kind})", resource.logical_id));
        }
        for (event, event_kind) in &resource.events {
            let prefix = format!("{}{event}", resource.logical_id);
            let kind = event_expansion(event_kind);
            if !deployed
                .iter()
                .any(|one| one.logical_id.starts_with(&prefix) && one.kind == kind)
            {
                missing.push(format!("{prefix} ({kind})"));
            }
        }
    }
    missing
}

/// The type that the SAM transform makes of a type.
fn expanded(kind: &str) -> &str {
    match kind {
        "AWS::Serverless::Function" => "AWS::Lambda::Function",
        "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api",
        other => other,
    }
}

/// The type that the SAM transform makes of a function's event.
fn event_expansion(kind: &str) -> &str {
    match kind {
        "SQS" => "AWS::Lambda::EventSourceMapping",
        "HttpApi" => "AWS::ApiGatewayV2::Route",
        "Schedule" => "AWS::Events::Rule",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Deployed, missing};
    use crate::deploy::template::Resource;

    fn worker() -> Resource {
        Resource {
            logical_id: "Worker".to_owned(),
            kind: "AWS::Serverless::Function".to_owned(),
            binary: None,
            events: vec![("Jobs".to_owned(), "SQS".to_owned())],
            lines: 0..0,
        }
    }

    fn deployed(logical_id: &str, kind: &str) -> Deployed {
        Deployed {
            logical_id: logical_id.to_owned(),
            kind: kind.to_owned(),
            physical_id: "x".to_owned(),
        }
    }

    #[test]
    fn an_expanded_function_with_its_mapping_is_complete() {
        let stack = [
            deployed("Worker", "AWS::Lambda::Function"),
            deployed(
                "WorkerJobsEventSourceMapping",
                "AWS::Lambda::EventSourceMapping",
            ),
        ];
        assert_eq!(missing(&[worker()], &stack), Vec::<String>::new());
    }

    #[test]
    fn a_mapping_that_was_skipped_is_named() {
        let stack = [deployed("Worker", "AWS::Lambda::Function")];
        assert_eq!(
            missing(&[worker()], &stack),
            ["WorkerJobs (AWS::Lambda::EventSourceMapping)"]
        );
    }

    #[test]
    fn a_resource_of_another_type_does_not_count() {
        let stack = [deployed("Worker", "AWS::SQS::Queue")];
        assert_eq!(missing(&[worker()], &stack).len(), 2);
    }
}

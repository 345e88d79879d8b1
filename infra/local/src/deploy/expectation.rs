//! Comparison of the deployed stack's resources with the template's.
//!
//! An emulator may skip a resource type that it does not know and still report the stack as
//! complete.

use std::collections::BTreeMap;

use super::template::Resource;

/// A resource of the deployed stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// The logical id. That of an expanded resource starts with its origin's.
    pub logical_id: String,
    /// The type.
    pub kind: String,
    /// The physical id: a name, an ARN or a URL.
    pub physical_id: String,
}

/// The resources that a template declares, with the parameters of the deployment.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// All resources of the template.
    pub resources: &'a [Resource],
    /// Values of the conditions. Unknown ones count as true.
    pub conditions: &'a BTreeMap<String, bool>,
}

/// Names the resources that the template declares and the stack lacks.
pub fn missing(expected: Expected<'_>, deployed: &[Deployed]) -> Vec<String> {
    let is_wanted = |resource: &&Resource| {
        let condition = resource.condition.as_ref();
        condition.is_none_or(|name| expected.conditions.get(name).copied().unwrap_or(true))
    };
    let mut missing = Vec::new();
    for resource in expected.resources.iter().filter(is_wanted) {
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

/// Returns the type that the SAM transform expands a type to.
fn expanded(kind: &str) -> &str {
    match kind {
        "AWS::Serverless::Function" => "AWS::Lambda::Function",
        "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api",
        other => other,
    }
}

/// Returns the type that the SAM transform expands a function's event to.
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
    use std::collections::BTreeMap;

    use super::{Deployed, Expected};
    use crate::deploy::template::Resource;

    fn missing(resources: &[Resource], deployed: &[Deployed]) -> Vec<String> {
        let conditions = BTreeMap::from([("No".to_owned(), false), ("Yes".to_owned(), true)]);
        let expected = Expected {
            resources,
            conditions: &conditions,
        };
        super::missing(expected, deployed)
    }

    fn worker() -> Resource {
        Resource {
            logical_id: "Worker".to_owned(),
            kind: "AWS::Serverless::Function".to_owned(),
            condition: None,
            binary: None,
            events: vec![("Jobs".to_owned(), "SQS".to_owned())],
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
    fn only_a_condition_that_is_false_excuses_a_resource() {
        let under = |condition: &str| Resource {
            condition: Some(condition.to_owned()),
            events: Vec::new(),
            ..worker()
        };
        assert_eq!(missing(&[under("No")], &[]), Vec::<String>::new());
        assert_eq!(missing(&[under("Yes")], &[]).len(), 1);
        assert_eq!(missing(&[under("Unknown")], &[]).len(), 1);
    }

    #[test]
    fn a_resource_of_another_type_does_not_count() {
        let stack = [deployed("Worker", "AWS::SQS::Queue")];
        assert_eq!(missing(&[worker()], &stack).len(), 2);
    }
}

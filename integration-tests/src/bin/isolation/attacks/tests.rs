//! Tests of the list against the template, and of its own consistency.

use std::collections::BTreeSet;

use local::deploy::template::Template;
use serde_json::Value;

use super::all;
use crate::attack::{Availability, DeniedBy};

/// Returns the statements of a role's first policies, without those under a condition.
fn statements(template: &Template, role: &str) -> Vec<Value> {
    let policies = template.at(&["Resources", role, "Properties", "Policies"]);
    let policies = policies.as_array().unwrap().iter();
    let statements = policies.filter_map(|policy| policy["PolicyDocument"]["Statement"].as_array());
    statements.flatten().cloned().collect()
}

fn users_statements() -> Vec<Value> {
    statements(&Template::read().unwrap(), "AuthenticatedRole")
}

/// Returns a value that is one text or a list of them.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        list => list
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect(),
    }
}

#[test]
fn there_are_more_than_sixty_attacks_for_the_local_stack() {
    let groups = all();
    let here = groups
        .iter()
        .flat_map(|group| &group.attacks)
        .filter(|attack| attack.availability == Availability::Everywhere);
    assert!(here.count() >= 60);
}

#[test]
fn no_two_attacks_have_the_same_id() {
    let mut seen = BTreeSet::new();
    for attack in all().into_iter().flat_map(|group| group.attacks) {
        assert!(seen.insert(attack.id.clone()), "{}", attack.id);
    }
}

#[test]
fn every_statement_listed_as_a_denial_is_in_the_template() {
    let statements = users_statements();
    for attack in all().into_iter().flat_map(|group| group.attacks) {
        if let DeniedBy::Statement(sid, _) = attack.denied_by {
            assert!(
                statements.iter().any(|statement| statement["Sid"] == sid),
                "{}: {sid}",
                attack.id
            );
        }
    }
}

#[test]
fn no_action_listed_as_not_granted_is_granted() {
    let statements = users_statements();
    for attack in all().into_iter().flat_map(|group| group.attacks) {
        if let DeniedBy::NotGranted(action) = attack.denied_by {
            let granted = statements
                .iter()
                .any(|statement| texts(&statement["Action"]).contains(&action));
            assert!(!granted, "{}: {action}", attack.id);
        }
    }
    for statement in &statements {
        assert_eq!(statement["Effect"], "Allow");
        let actions = texts(&statement["Action"]);
        assert!(
            !actions.iter().any(|action| action.contains('*')),
            "{statement}"
        );
    }
    for statement in statements {
        let mut prefixes = 0;
        for list in [
            &statement["Resource"],
            &statement["Condition"]["StringLikeIfExists"]["s3:x-amz-copy-source"],
        ] {
            let one = std::slice::from_ref(list);
            let names = list.as_array().map_or(one, Vec::as_slice).iter();
            let names = names.filter_map(|name| name["Fn::Sub"].as_str());
            prefixes += names
                .filter(|name| name.ends_with("${!cognito-identity.amazonaws.com:sub}/*"))
                .count();
        }
        let wildcards = statement.to_string().matches('*').count();
        assert_eq!(
            wildcards, prefixes,
            "a wildcard other than a prefix: {statement}"
        );
    }
}

#[test]
fn the_attacks_forge_every_attribute_that_only_the_worker_writes() {
    let template = Template::read().unwrap();
    let attributes_of = |role: &str| -> BTreeSet<String> {
        let statements = statements(&template, role);
        // Usage items have a group of attacks of their own.
        let of_records = statements
            .iter()
            .filter(|one| one["Sid"] != "CountUsage" && one["Sid"] != "ReadCounters");
        let conditions = of_records.flat_map(|statement| {
            texts(&statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"])
        });
        conditions.map(str::to_owned).collect()
    };
    let users = attributes_of("AuthenticatedRole");
    let worker = attributes_of("ThumbnailRole");
    assert!(worker.len() > 5, "{worker:?}");
    for attribute in worker.difference(&users) {
        assert!(
            super::records_forged::worker_attributes().any(|name| name == attribute),
            "no attack forges {attribute}"
        );
    }
}

//! Tests of the list against the template, and of its own consistency.

use std::collections::BTreeSet;

use local::{deploy::template::resources, workspace::workspace};

use super::all;
use crate::attack::{Availability, DeniedBy};

/// Returns the users' role from the template, without comments.
fn users_role() -> String {
    let text = std::fs::read_to_string(workspace().join("infra/template.yaml")).unwrap();
    let resources = resources(&text).unwrap();
    let role = resources
        .iter()
        .find(|one| one.logical_id == "AuthenticatedRole")
        .unwrap();
    let lines = text.lines().skip(role.lines.start).take(role.lines.len());
    lines
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect::<Vec<_>>()
        .join("\n")
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
    let role = users_role();
    for attack in all().into_iter().flat_map(|group| group.attacks) {
        if let DeniedBy::Statement(sid, _) = attack.denied_by {
            assert!(
                role.contains(&format!("- Sid: {sid}\n")),
                "{}: {sid}",
                attack.id
            );
        }
    }
}

#[test]
fn no_action_listed_as_not_granted_is_granted() {
    let role = users_role();
    for attack in all().into_iter().flat_map(|group| group.attacks) {
        if let DeniedBy::NotGranted(action) = attack.denied_by {
            let granted = role.lines().any(|line| {
                line.trim()
                    .trim_start_matches("- ")
                    .trim_start_matches("Action: ")
                    == action
            });
            assert!(!granted, "{}: {action}", attack.id);
        }
    }
    assert!(
        !role.contains('*') || role.matches('*').count() == 2,
        "a wildcard other than the two prefixes"
    );
}

#[test]
fn the_attacks_forge_every_attribute_that_only_the_worker_writes() {
    let text = std::fs::read_to_string(workspace().join("infra/template.yaml")).unwrap();
    let worker = text.split("- Sid: CompleteRecords").nth(1).unwrap();
    let worker = worker.split("- Sid:").next().unwrap();
    let users = users_role();
    for line in worker
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "))
    {
        let users_too = users
            .lines()
            .any(|other| other.trim() == format!("- {line}"));
        assert!(
            users_too || super::records_forged::worker_attributes().any(|name| name == line),
            "no attack forges {line}"
        );
    }
}

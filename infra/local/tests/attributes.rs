//! The attributes that the template's policies name, compared with those of the code.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use common::attribute::Attribute;
use local::{deploy::template::resources, workspace::workspace};

/// Returns the attributes of the last `dynamodb:Attributes` condition of a role that lists any.
fn named(role: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(workspace().join("infra/template.yaml")).unwrap();
    let resources = resources(&text).unwrap();
    let role = resources
        .iter()
        .find(|resource| resource.logical_id == role)
        .unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let lines = &lines[role.lines.clone()];
    let start = lines
        .iter()
        .rposition(|line| *line == "dynamodb:Attributes:")
        .unwrap();
    lines[start + 1..]
        .iter()
        .map_while(|line| line.strip_prefix("- "))
        .map(str::to_owned)
        .collect()
}

fn names(attributes: impl Iterator<Item = Attribute>) -> BTreeSet<String> {
    attributes
        .map(|attribute| attribute.name().to_owned())
        .collect()
}

#[test]
fn a_user_may_write_the_user_s_attributes_and_no_others() {
    assert_eq!(named("AuthenticatedRole"), names(Attribute::of_users()));
}

#[test]
fn the_worker_and_the_reader_of_dead_letters_may_write_the_worker_s_attributes() {
    assert_eq!(named("ThumbnailRole"), names(Attribute::of_worker()));
    assert_eq!(named("DeadLetterRole"), names(Attribute::of_worker()));
}

#[test]
fn the_reconciliation_may_read_what_it_compares_and_no_more() {
    assert_eq!(
        named("ReconcileRole"),
        names(Attribute::of_reconciliation())
    );
}

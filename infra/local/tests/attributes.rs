//! The attributes that the template's policies name, compared with those of the code.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use common::{attribute::Attribute, usage::UsageAttribute};
use local::deploy::template::Template;
use serde_json::Value;

/// Returns the attributes that the condition of a role's statement lists.
fn named(role: &str, sid: &str) -> BTreeSet<String> {
    let template = Template::read().unwrap();
    let policies = template.at(&["Resources", role, "Properties", "Policies"]);
    let mut statements = policies
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|policy| policy["PolicyDocument"]["Statement"].as_array())
        .flatten();
    let statement = statements
        .find(|statement| statement["Sid"] == sid)
        .unwrap();
    let condition = &statement["Condition"]["ForAllValues:StringEquals"];
    let attributes = condition["dynamodb:Attributes"].as_array().unwrap();
    let attributes = attributes.iter().filter_map(Value::as_str);
    attributes.map(str::to_owned).collect()
}

fn names(attributes: impl Iterator<Item = Attribute>) -> BTreeSet<String> {
    attributes
        .map(|attribute| attribute.name().to_owned())
        .collect()
}

#[test]
fn a_user_may_write_the_user_s_attributes_and_no_others() {
    assert_eq!(
        named("AuthenticatedRole", "WriteOwnPendingRecords"),
        names(Attribute::of_users())
    );
}

#[test]
fn the_worker_and_the_reader_of_dead_letters_may_write_the_worker_s_attributes() {
    assert_eq!(
        named("ThumbnailRole", "CompleteRecords"),
        names(Attribute::of_worker())
    );
    assert_eq!(
        named("DeadLetterRole", "CompleteRecords"),
        names(Attribute::of_worker())
    );
}

#[test]
fn the_reconciliation_may_read_what_it_compares_and_no_more() {
    assert_eq!(
        named("ReconcileRole", "ReadWorkersHalf"),
        names(Attribute::of_reconciliation())
    );
}

/// The keys of an item, and these attributes.
fn with_keys(attributes: impl IntoIterator<Item = &'static str>) -> BTreeSet<String> {
    let keys = [Attribute::IdentityId, Attribute::ImageId].map(Attribute::name);
    let all = keys.into_iter().chain(attributes);
    all.map(str::to_owned).collect()
}

const COUNTING: [&str; 3] = ["ThumbnailRole", "DeadLetterRole", "ReconcileRole"];

#[test]
fn functions_write_the_counters_of_a_usage_item_and_not_the_quota() {
    for role in COUNTING {
        let counters = UsageAttribute::COUNTERS.map(UsageAttribute::name);
        assert_eq!(named(role, "CountUsage"), with_keys(counters), "{role}");
    }
}

#[test]
fn functions_read_a_usage_item_and_what_records_count() {
    let usage = UsageAttribute::ALL.map(UsageAttribute::name);
    let counted = [Attribute::CountedBytes.name()];
    let of_reconciliation = with_keys(usage.into_iter().chain(counted));
    assert_eq!(named("ReconcileRole", "ReadCounters"), of_reconciliation);
    let state = [Attribute::Status, Attribute::Failure].map(Attribute::name);
    let of_the_worker = with_keys(usage.into_iter().chain(counted).chain(state));
    for role in ["ThumbnailRole", "DeadLetterRole"] {
        assert_eq!(named(role, "ReadCounters"), of_the_worker, "{role}");
    }
}

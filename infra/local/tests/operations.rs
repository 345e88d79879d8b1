//! The alarms and the dashboard, compared with the operator's manual and the metrics.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use common::metrics::Metric;
use local::{deploy::template::Template, workspace::workspace};
use serde_json::{Value, json};
use strum::VariantArray as _;

fn read(path: &str) -> String {
    std::fs::read_to_string(workspace().join(path)).unwrap()
}

/// Returns the alarms' properties, by logical id.
fn alarms(template: &Template) -> Vec<(&str, &Value)> {
    template
        .section("Resources")
        .filter(|(_, body)| body["Type"] == "AWS::CloudWatch::Alarm")
        .map(|(name, body)| (name, &body["Properties"]))
        .collect()
}

/// Calls a function with every value of a tree.
fn visit<'a>(value: &'a Value, visitor: &mut impl FnMut(&'a Value)) {
    visitor(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, visitor)),
        Value::Object(entries) => entries.values().for_each(|item| visit(item, visitor)),
        _ => {}
    }
}

/// Returns the dashboard, with numbers in place of CloudFormation's variables.
fn dashboard(template: &Template) -> (String, Value) {
    let body = template.at(&["Resources", "Dashboard", "Properties", "DashboardBody"]);
    let text = body["Fn::Sub"].as_str().unwrap();
    let dashboard = serde_json::from_str(&text.replace("${WorkerConcurrency}", "20")).unwrap();
    (text.to_owned(), dashboard)
}

#[test]
fn every_alarm_has_a_section_of_the_manual_and_every_section_an_alarm() {
    let template = Template::read().unwrap();
    let named: BTreeSet<String> = alarms(&template)
        .into_iter()
        .map(|(alarm, properties)| {
            let description = &properties["AlarmDescription"];
            let description = description["Fn::Sub"]
                .as_str()
                .or(description.as_str())
                .unwrap();
            let (_, name) = description
                .split_once("docs/operations.md#")
                .unwrap_or_else(|| panic!("{alarm} names no section"));
            // The alarm's name contains the section's name, too.
            let called = json!({ "Fn::Sub": format!("hikidashi-${{Stage}}-{name}") });
            assert_eq!(properties["AlarmName"], called, "{alarm}");
            name.to_owned()
        })
        .collect();
    let manual = read("docs/operations.md");
    let (_, sections) = manual.split_once("\n## Alarms\n").unwrap();
    let written: BTreeSet<String> = sections
        .lines()
        .filter_map(|line| Some(line.strip_prefix("### ")?.to_owned()))
        .collect();
    assert_eq!(named, written);
    assert_eq!(named.len(), 14);
}

#[test]
fn every_section_says_what_is_seen_where_to_look_and_what_to_do() {
    let manual = read("docs/operations.md");
    let (_, sections) = manual.split_once("\n## Alarms\n").unwrap();
    for section in sections.split("\n### ").skip(1) {
        let name = section.lines().next().unwrap();
        for part in ["**Symptom.**", "**Look at**", "**Do.**"] {
            assert!(section.contains(part), "{name} has no {part}");
        }
    }
}

#[test]
fn every_alarm_is_told_to_the_topic_and_shown_on_the_dashboard() {
    let template = Template::read().unwrap();
    let (shown, _) = dashboard(&template);
    let topic = json!([{ "Ref": "AlarmTopic" }]);
    for (name, properties) in alarms(&template) {
        assert_eq!(properties["AlarmActions"], topic, "{name}");
        assert_eq!(properties["OKActions"], topic, "{name}");
        assert!(properties["TreatMissingData"].is_string(), "{name}");
        assert!(shown.contains(&format!("\"${{{name}.Arn}}\"")), "{name}");
    }
}

/// An alarm on a metric that no function writes never goes off.
#[test]
fn the_alarms_and_the_dashboard_ask_only_for_metrics_that_there_are() {
    let template = Template::read().unwrap();
    let ours: BTreeSet<&str> = Metric::VARIANTS
        .iter()
        .map(|metric| metric.name())
        .collect();
    let (text, dashboard) = dashboard(&template);
    let mut asked = BTreeSet::new();
    let mut ask = |value: &Value| {
        if value["Namespace"] == "Hikidashi" {
            asked.insert(value["MetricName"].as_str().unwrap().to_owned());
        }
        if value[0] == "Hikidashi" {
            asked.insert(value[1].as_str().unwrap().to_owned());
        }
    };
    for (_, alarm) in alarms(&template) {
        visit(alarm, &mut ask);
    }
    visit(&dashboard, &mut ask);
    for (place, found) in text.match_indices("MetricName=\\\"") {
        let name = text[place + found.len()..].split('\\').next().unwrap();
        asked.insert(name.to_owned());
    }
    assert!(asked.len() >= 8, "{asked:?}");
    let unknown: Vec<_> = asked
        .iter()
        .filter(|name| !ours.contains(name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_dashboard_is_json() {
    let (_, dashboard) = dashboard(&Template::read().unwrap());
    assert_eq!(dashboard["widgets"].as_array().unwrap().len(), 16);
}

//! The alarms and the dashboard, compared with the operator's manual and the metrics.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use common::metrics::Metric;
use local::{
    deploy::template::{Resource, resources},
    workspace::workspace,
};
use strum::VariantArray as _;

fn read(path: &str) -> String {
    std::fs::read_to_string(workspace().join(path)).unwrap()
}

/// Returns the alarms, each with its lines.
fn alarms(template: &str) -> Vec<(Resource, String)> {
    let lines: Vec<&str> = template.lines().collect();
    let all = resources(template).unwrap().into_iter();
    all.filter(|resource| resource.kind == "AWS::CloudWatch::Alarm")
        .map(|alarm| {
            let text = lines[alarm.lines.clone()].join("\n");
            (alarm, text)
        })
        .collect()
}

#[test]
fn every_alarm_has_a_section_of_the_manual_and_every_section_an_alarm() {
    let template = read("infra/template.yaml");
    let named: BTreeSet<String> = alarms(&template)
        .into_iter()
        .map(|(alarm, text)| {
            let (_, rest) = text
                .split_once("docs/operations.md#")
                .unwrap_or_else(|| panic!("{} names no section", alarm.logical_id));
            let name = rest.split(['"', '\n']).next().unwrap().to_owned();
            // The alarm's name contains the section's name, too.
            let called = format!("AlarmName: !Sub \"hikidashi-${{Stage}}-{name}\"");
            assert!(
                text.contains(&called),
                "{} is not {called}",
                alarm.logical_id
            );
            name
        })
        .collect();
    let manual = read("docs/operations.md");
    let (_, sections) = manual.split_once("\n## Alarms\n").unwrap();
    let written: BTreeSet<String> = sections
        .lines()
        .filter_map(|line| Some(line.strip_prefix("### ")?.to_owned()))
        .collect();
    assert_eq!(named, written);
    assert_eq!(named.len(), 10);
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
    let template = read("infra/template.yaml");
    for (alarm, text) in alarms(&template) {
        let name = alarm.logical_id;
        assert!(text.contains("AlarmActions: [!Ref AlarmTopic]"), "{name}");
        assert!(text.contains("OKActions: [!Ref AlarmTopic]"), "{name}");
        assert!(text.contains("TreatMissingData: "), "{name}");
        assert!(template.contains(&format!("\"${{{name}.Arn}}\"")), "{name}");
    }
}

/// An alarm on a metric that no function writes never goes off.
#[test]
fn the_alarms_and_the_dashboard_ask_only_for_metrics_that_there_are() {
    let template = read("infra/template.yaml");
    let ours: BTreeSet<&str> = Metric::VARIANTS
        .iter()
        .map(|metric| metric.name())
        .collect();
    let mut asked = BTreeSet::new();
    for (place, _) in template.match_indices("Namespace: Hikidashi\n") {
        let name = template[place..].lines().nth(1).unwrap();
        asked.insert(name.trim().strip_prefix("MetricName: ").unwrap());
    }
    for (place, found) in template.match_indices("MetricName=\\\"") {
        asked.insert(template[place + found.len()..].split('\\').next().unwrap());
    }
    for (place, found) in template.match_indices("[\"Hikidashi\", \"") {
        asked.insert(template[place + found.len()..].split('"').next().unwrap());
    }
    assert!(asked.len() >= 8, "{asked:?}");
    let unknown: Vec<_> = asked.difference(&ours).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_dashboard_is_json() {
    let template = read("infra/template.yaml");
    let (_, body) = template.split_once("DashboardBody: !Sub |\n").unwrap();
    let body: String = body
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("        "))
        .collect();
    // A number replaces the variable, as CloudFormation replaces it.
    let body = body.replace("${WorkerConcurrency}", "20");
    let dashboard: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(dashboard["widgets"].as_array().unwrap().len(), 16);
}

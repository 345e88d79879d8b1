//! Tests that `docs/problems.md` and `infra/openapi.yaml` list exactly the problems of the code.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;
use strum::VariantArray as _;

use super::{Problem, ProblemType};
use crate::{quota::Limits, usage::Usage};

const URN: &str = "urn:hikidashi:problem:";

fn read(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// Maps each slug to its status and title.
fn in_code() -> BTreeMap<String, (u16, String)> {
    ProblemType::VARIANTS
        .iter()
        .map(|kind| {
            let described = (kind.status(), kind.title().to_owned());
            (kind.slug().to_owned(), described)
        })
        .collect()
}

/// Returns the rows that start with a slug in code quotes; the gateway's rows start with a status.
fn in_the_table(text: &str) -> Vec<(String, (u16, String))> {
    text.lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
            let slug = cells.next()?.trim_matches('`');
            let status = cells.next()?.parse().ok()?;
            Some((slug.to_owned(), (status, cells.next()?.to_owned())))
        })
        .collect()
}

/// Visits every text and every object below a value.
fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(members) => members.values().for_each(|member| walk(member, visit)),
        _ => {}
    }
}

/// Adds the members that an example of a quota's problem has.
fn with_members(problem: Problem, example: &Value) -> Problem {
    if problem.kind != ProblemType::QuotaExceeded {
        return problem;
    }
    let usage = Usage {
        bytes: example["usedBytes"].as_u64().unwrap(),
        images: example["usedImages"].as_u64().unwrap(),
    };
    let limits = Limits {
        max_bytes: example["maxBytes"].as_u64(),
        max_images: example["maxImages"].as_u64(),
    };
    problem.with_usage(usage, limits)
}

#[test]
fn two_problems_never_share_a_slug() {
    assert_eq!(in_code().len(), ProblemType::VARIANTS.len());
}

#[test]
fn the_table_has_every_problem_once_with_its_status_and_title() {
    let rows = in_the_table(&read("docs/problems.md"));
    let table: BTreeMap<_, _> = rows.iter().cloned().collect();
    assert_eq!(table.len(), rows.len(), "a problem has two rows");
    assert_eq!(table, in_code());
}

#[test]
fn the_description_of_the_api_has_an_example_of_every_problem_and_of_no_other() {
    let description: Value = serde_saphyr::from_str(&read("infra/openapi.yaml")).unwrap();
    let mut examples = BTreeMap::new();
    walk(&description, &mut |value| {
        let Some(slug) = value["type"].as_str().and_then(|uri| uri.strip_prefix(URN)) else {
            return;
        };
        // The example must be the document that the code would send.
        let kind = ProblemType::VARIANTS
            .iter()
            .find(|kind| kind.slug() == slug)
            .unwrap_or_else(|| panic!("{slug} is not a problem of the code"));
        let detail = value["detail"].as_str().unwrap();
        let problem = with_members(Problem::new(*kind, detail), value);
        let sent: Value = serde_json::from_str(&problem.to_json()).unwrap();
        assert_eq!(value, &sent);
        examples.insert(slug.to_owned(), (kind.status(), kind.title().to_owned()));
    });
    assert_eq!(examples, in_code());
}

#[test]
fn the_description_of_the_api_names_no_problem_that_does_not_exist() {
    let description: Value = serde_saphyr::from_str(&read("infra/openapi.yaml")).unwrap();
    walk(&description, &mut |value| {
        // The pattern of all `type` URIs has no slug.
        let Some(slug) = value.as_str().and_then(|text| text.strip_prefix(URN)) else {
            return;
        };
        assert!(in_code().contains_key(slug), "{slug}");
    });
}

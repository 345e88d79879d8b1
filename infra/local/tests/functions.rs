//! What the template gives to the functions, against what they read.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use local::{
    deploy::template::{Resource, resources},
    workspace::workspace,
};

fn template() -> String {
    std::fs::read_to_string(workspace().join("infra/template.yaml")).unwrap()
}

/// `HIKIDASHI_…` of a text, where each stands alone.
fn variables(text: &str) -> BTreeSet<String> {
    text.split(|char: char| !(char.is_ascii_uppercase() || char == '_'))
        .filter(|word| word.starts_with("HIKIDASHI_"))
        .map(str::to_owned)
        .collect()
}

fn lines_of(text: &str, resource: &Resource) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[resource.lines.clone()].join("\n")
}

/// What each binary is given: its own, and what all functions have.
fn given() -> BTreeMap<String, BTreeSet<String>> {
    let text = template();
    let (globals, _) = text.split_once("\nResources:\n").unwrap();
    let everybody_s = variables(globals.split_once("\nGlobals:\n").unwrap().1);
    let functions = resources(&text).unwrap();
    functions
        .iter()
        .filter_map(|resource| {
            let own = variables(&lines_of(&text, resource));
            let binary = resource.binary.clone()?;
            Some((binary, own.union(&everybody_s).cloned().collect()))
        })
        .collect()
}

/// What each binary asks for: in `main.rs` and `config.rs`, and where these ask `InstallFolders`.
fn asked(binary: &str) -> BTreeSet<String> {
    let read = |path: &str| std::fs::read_to_string(workspace().join(path)).unwrap_or_default();
    let folder = format!("functions/{binary}/src");
    let own = read(&format!("{folder}/main.rs")) + &read(&format!("{folder}/config.rs"));
    assert!(own.contains("HIKIDASHI_"), "{folder} reads no variable");
    let shared = if own.contains("Places::read") {
        read("common/aws/src/user_store.rs")
    } else {
        String::new()
    };
    variables(&(own + &shared))
}

#[test]
fn every_function_is_given_the_variables_that_it_reads_and_no_others() {
    let given = given();
    assert!(given.len() >= 4, "{given:?}");
    for (binary, variables) in given {
        assert_eq!(variables, asked(&binary), "{binary}");
    }
}

#[test]
fn every_function_says_all_that_is_wrong_with_its_configuration_at_once() {
    for binary in given().into_keys() {
        let path = format!("functions/{binary}/src/main.rs");
        let main = std::fs::read_to_string(workspace().join(&path)).unwrap();
        assert!(main.contains("Config::read(variable)"), "{path}");
        assert!(main.contains("\"not configured\""), "{path}");
    }
}

#[test]
fn the_version_that_is_deployed_is_the_code_s() {
    let text = template();
    let output = text.split_once("\n  Version:\n").unwrap().1;
    let value = output
        .lines()
        .find_map(|line| line.trim().strip_prefix("Value: "));
    assert_eq!(value, Some(env!("CARGO_PKG_VERSION")));
}

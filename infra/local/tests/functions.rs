//! The variables that the template gives to the functions, compared with those that they read.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use local::{
    deploy::template::Template,
    package::build::{Profile, build},
};
use serde_json::Value;

/// `HIKIDASHI_…` of a text, where each stands alone.
fn variables_of(text: &str) -> BTreeSet<String> {
    text.split(|char: char| !(char.is_ascii_uppercase() || char == '_'))
        .filter(|word| word.starts_with("HIKIDASHI_"))
        .map(str::to_owned)
        .collect()
}

/// The variables that the template gives to each binary: its own, and those of all functions.
fn given() -> BTreeMap<String, BTreeSet<String>> {
    let template = Template::read().unwrap();
    let variables = |path: &[&str]| -> BTreeSet<String> {
        let variables = template.at(path)["Environment"]["Variables"].as_object();
        variables
            .into_iter()
            .flat_map(|all| all.keys().cloned())
            .collect()
    };
    let of_all = variables(&["Globals", "Function"]);
    let resources = template.resources().unwrap();
    resources
        .into_iter()
        .filter_map(|resource| {
            let own = variables(&["Resources", &resource.logical_id, "Properties"]);
            Some((resource.binary?, own.union(&of_all).cloned().collect()))
        })
        .collect()
}

/// What a binary says when its environment is empty.
fn complaint(program: &Path) -> String {
    let output = Command::new(program).env_clear().output().unwrap();
    assert!(!output.status.success(), "{} starts", program.display());
    let log = String::from_utf8(output.stdout).unwrap();
    let line = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|line| line["message"] == "not configured");
    let line = line.unwrap_or_else(|| panic!("{}: {log}", program.display()));
    line["error"].as_str().unwrap().to_owned()
}

/// A function whose environment is empty names all variables that it reads, at once. The level of
/// the log is the only one that has a default in the code; the C library reads its own.
#[test]
fn every_function_is_given_the_variables_that_it_reads_and_no_others() {
    let given = given();
    assert!(given.len() >= 6, "{given:?}");
    let binaries: Vec<&str> = given.keys().map(String::as_str).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let built = runtime.block_on(build(&binaries, Profile::Dev)).unwrap();
    for (binary, mut variables) in given.clone() {
        assert!(variables.remove("HIKIDASHI_LOG"), "{binary} has no level");
        let tuned = variables.remove("GLIBC_TUNABLES");
        assert_eq!(tuned, binary == "upload", "{binary}");
        let complaint = complaint(&built[&binary]);
        assert_eq!(variables_of(&complaint), variables, "{binary}");
    }
}

#[test]
fn the_version_that_is_deployed_is_the_code_s() {
    let template = Template::read().unwrap();
    let version = template.at(&["Outputs", "Version", "Value"]);
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
}

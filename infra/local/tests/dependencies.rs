//! The direction of dependencies between the workspace's crates, read from `cargo metadata`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, path::Path, process::Command};

use local::workspace::workspace;
use serde_json::Value;

/// A crate of the workspace, with the folder that it is in and the crates that it depends on.
struct Member {
    folder: String,
    dependencies: Vec<String>,
}

impl Member {
    fn is_product(&self) -> bool {
        self.folder.starts_with("functions/") || self.folder.starts_with("common")
    }
}

/// Returns the workspace's crates by name. Test dependencies do not count: they are not deployed.
fn members() -> BTreeMap<String, Member> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            let folder = manifest
                .parent()
                .unwrap()
                .canonicalize()
                .unwrap()
                .strip_prefix(workspace())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let dependencies = package["dependencies"].as_array().unwrap();
            let dependencies = dependencies
                .iter()
                .filter(|dependency| dependency["kind"] != "dev")
                .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
                .collect();
            let name = package["name"].as_str().unwrap().to_owned();
            (
                name,
                Member {
                    folder,
                    dependencies,
                },
            )
        })
        .collect()
}

#[test]
fn the_product_depends_on_no_infrastructure_no_tests_and_no_tools() {
    let members = members();
    let product = members.values().filter(|member| member.is_product());
    let mut seen = 0;
    for member in product {
        seen += 1;
        for dependency in &member.dependencies {
            let is_allowed = members.get(dependency).is_none_or(Member::is_product);
            assert!(is_allowed, "{} depends on {dependency}", member.folder);
        }
    }
    assert!(seen >= 11, "{seen} product crates");
}

#[test]
fn the_libraries_depend_on_no_function() {
    let members = members();
    for member in members.values() {
        for dependency in &member.dependencies {
            let is_function = members
                .get(dependency)
                .is_some_and(|other| other.folder.starts_with("functions/"));
            assert!(!is_function, "{} depends on {dependency}", member.folder);
        }
    }
}

#[test]
fn only_one_crate_of_the_product_names_an_sdk() {
    let members = members();
    let is_sdk = |name: &String| {
        ["aws-sdk-", "aws-config", "aws-smithy-", "aws-runtime"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    for (name, member) in &members {
        if member.is_product() && member.dependencies.iter().any(is_sdk) {
            assert_eq!(name, "aws", "{} names an SDK", member.folder);
        }
    }
    assert!(members["aws"].dependencies.iter().any(is_sdk));
    for dependency in &members["authorizer"].dependencies {
        assert_ne!(dependency, "aws", "the authorizer needs no SDK");
    }
}

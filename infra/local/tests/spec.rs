//! The OpenAPI document, compared with the template that deploys the API.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use local::{deploy::template::Template, workspace::workspace};
use serde_json::Value;

/// The route that only the local API proxy has.
const LOCAL_ONLY: &str = "GET /openapi.yaml";

fn description() -> Value {
    let text = std::fs::read_to_string(workspace().join("infra/openapi.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// Returns `METHOD /path` of every event of the HTTP API.
fn routes_of_the_template() -> BTreeSet<String> {
    let template = Template::read().unwrap();
    let functions = template.section("Resources").map(|(_, body)| body);
    let events = functions.filter_map(|body| body["Properties"]["Events"].as_object());
    events
        .flat_map(|events| events.values())
        .filter(|event| event["Type"] == "HttpApi")
        .map(|event| {
            let text = |key: &str| event["Properties"][key].as_str().unwrap();
            format!("{} {}", text("Method").to_uppercase(), text("Path"))
        })
        .collect()
}

fn routes_of_the_description() -> BTreeSet<String> {
    const METHODS: [&str; 8] = [
        "get", "put", "post", "delete", "options", "head", "patch", "trace",
    ];
    let description = description();
    let paths = description["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let keys = item.as_object().unwrap().keys();
            keys.filter(|key| METHODS.contains(&key.as_str()))
                .map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect()
}

#[test]
fn the_description_has_the_template_s_routes_and_no_others() {
    let mut described = routes_of_the_description();
    assert!(described.remove(LOCAL_ONLY));
    let deployed = routes_of_the_template();
    assert!(!deployed.is_empty());
    assert_eq!(described, deployed);
}

#[test]
fn a_browser_may_use_every_method_of_the_description() {
    let template = Template::read().unwrap();
    let api = template.at(&["Resources", "Api", "Properties"]);
    let allowed = api["CorsConfiguration"]["Fn::If"][1]["AllowMethods"]
        .as_array()
        .unwrap();
    for route in routes_of_the_description() {
        let (method, _) = route.split_once(' ').unwrap();
        assert!(
            allowed.iter().any(|one| one == method),
            "{method} is not in {allowed:?}"
        );
    }
}

#[test]
fn the_description_has_the_version_of_the_code() {
    assert_eq!(description()["info"]["version"], env!("CARGO_PKG_VERSION"));
}

//! Edits of the template before a local deployment.
//!
//! Two locations are filled in: that of the code, as `sam deploy` does too, and that of the user
//! pool's keys, because the emulated pool's issuer is a real AWS address.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::template::{Template, for_each_mapping};

/// The environment variable that holds the URL of the user pool's keys for the authorizer.
const JWKS_VARIABLE: &str = "HIKIDASHI_JWKS_URL";

/// Gives every function its `CodeUri`, by the name of its binary.
pub fn place_code(template: &mut Template, code: &BTreeMap<String, String>) -> anyhow::Result<()> {
    for resource in template.resources()? {
        let Some(binary) = &resource.binary else {
            continue;
        };
        let name = &resource.logical_id;
        let uri = code
            .get(binary)
            .with_context(|| format!("{name} runs {binary}, which was not built"))?;
        let properties = &mut template.value_mut()["Resources"][name]["Properties"];
        let properties = properties.as_object_mut();
        let properties = properties.with_context(|| format!("{name} has no Properties"))?;
        properties.insert("CodeUri".to_owned(), json!(uri));
    }
    Ok(())
}

/// Disables the event source mappings, which the local poller serves in the emulator's place. To
/// disable them later would make the emulator write a kept state, with the functions' code, once
/// for each.
pub fn disable_event_sources(template: &mut Template) {
    for_each_mapping(template.value_mut(), &mut |mapping| {
        if mapping.get("Type") == Some(&json!("SQS"))
            && let Some(properties) = mapping.get_mut("Properties")
        {
            properties["Enabled"] = json!(false);
        }
    });
}

/// Replaces the conditions by their values. The emulator knows fewer forms of conditions than
/// `CloudFormation`.
pub fn place_conditions(template: &mut Template, conditions: &BTreeMap<String, bool>) {
    let literal = |value: &bool| json!({ "Fn::Equals": ["true", value.to_string()] });
    let literals = conditions
        .iter()
        .map(|(name, value)| (name.clone(), literal(value)));
    template.value_mut()["Conditions"] = literals.collect();
}

/// Points the authorizer at the emulator for the user pool's keys. Another issuer's keys are where
/// its discovery document says.
pub fn place_keys(
    template: &mut Template,
    fakecloud_url: &str,
    parameters: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let given = |name| parameters.get(name).filter(|value| !value.is_empty());
    if given("OidcIssuer").is_some() {
        return Ok(());
    }
    let pool = given("UserPoolId").map_or("${UserPool}", String::as_str);
    let url = json!({ "Fn::Sub": format!("{fakecloud_url}/{pool}/.well-known/jwks.json") });
    let mut found = 0;
    for_each_mapping(template.value_mut(), &mut |mapping| {
        if let Some(variable) = mapping.get_mut(JWKS_VARIABLE) {
            variable.clone_from(&url);
            found += 1;
        }
    });
    if found == 0 {
        bail!("no function of the template has the variable {JWKS_VARIABLE}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{Template, disable_event_sources, place_code, place_conditions, place_keys};

    const TEMPLATE: &str = "\
Globals:
  Function:
    CodeUri: ..
Resources:
  Upload:
    Type: AWS::Serverless::Function
    Metadata:
      BuildProperties:
        Binary: upload
    Properties:
      MemorySize: 256
      Role: !GetAtt Role.Arn
  Images:
    Type: AWS::Serverless::Function
    Metadata:
      BuildProperties:
        Binary: images
    Properties:
      CodeUri: ..
      Environment:
        Variables:
          HIKIDASHI_JWKS_URL: !Sub \"${UserPool.ProviderURL}/.well-known/jwks.json\"
";

    fn template() -> Template {
        Template::parse(TEMPLATE).unwrap()
    }

    fn code(binaries: &[&str]) -> BTreeMap<String, String> {
        binaries
            .iter()
            .map(|binary| ((*binary).to_owned(), format!("s3://artifacts/{binary}.zip")))
            .collect()
    }

    #[test]
    fn every_function_gets_its_code_and_nothing_else_changes() {
        let (mut edited, mut expected) = (template(), template());
        place_code(&mut edited, &code(&["upload", "images"])).unwrap();
        let functions = &mut expected.value_mut()["Resources"];
        functions["Upload"]["Properties"]["CodeUri"] = json!("s3://artifacts/upload.zip");
        functions["Images"]["Properties"]["CodeUri"] = json!("s3://artifacts/images.zip");
        assert_eq!(edited, expected);
    }

    #[test]
    fn a_function_whose_binary_was_not_built_is_an_error() {
        let error = place_code(&mut template(), &code(&["upload"])).unwrap_err();
        assert_eq!(error.to_string(), "Images runs images, which was not built");
    }

    #[test]
    fn the_keys_come_from_the_emulator_and_nothing_else_changes() {
        let (mut edited, mut expected) = (template(), template());
        place_keys(&mut edited, "http://127.0.0.1:9", &BTreeMap::new()).unwrap();
        let images = &mut expected.value_mut()["Resources"]["Images"]["Properties"];
        images["Environment"]["Variables"]["HIKIDASHI_JWKS_URL"] =
            json!({ "Fn::Sub": "http://127.0.0.1:9/${UserPool}/.well-known/jwks.json" });
        assert_eq!(edited, expected);
    }

    #[test]
    fn a_template_without_the_key_variable_is_refused() {
        let mut template = Template::parse("Resources: {}\n").unwrap();
        let placed = place_keys(&mut template, "http://127.0.0.1:9", &BTreeMap::new());
        assert!(placed.is_err());
    }

    #[test]
    fn the_keys_of_a_given_pool_are_the_emulator_s_and_those_of_another_issuer_are_not() {
        let given = |name: &str| BTreeMap::from([(name.to_owned(), "x".to_owned())]);
        let mut edited = template();
        place_keys(&mut edited, "http://127.0.0.1:9", &given("UserPoolId")).unwrap();
        let path = "/Resources/Images/Properties/Environment/Variables/HIKIDASHI_JWKS_URL";
        let url = edited.value_mut().pointer(path).unwrap();
        assert_eq!(url["Fn::Sub"], "http://127.0.0.1:9/x/.well-known/jwks.json");

        let mut unedited = template();
        place_keys(&mut unedited, "http://127.0.0.1:9", &given("OidcIssuer")).unwrap();
        assert_eq!(unedited, template());
    }

    #[test]
    fn conditions_are_their_values() {
        let mut template = Template::parse("Conditions: { A: !Equals [!Ref B, c] }\n").unwrap();
        place_conditions(&mut template, &BTreeMap::from([("A".to_owned(), false)]));
        let literal = json!({ "Fn::Equals": ["true", "false"] });
        assert_eq!(template.at(&["Conditions", "A"]), &literal);
    }

    #[test]
    fn the_emulator_feeds_no_function() {
        let event = |kind| json!({ "Type": kind, "Properties": { "Queue": "q" } });
        let events = json!({ "Jobs": event("SQS"), "List": event("HttpApi") });
        let document = json!({ "Resources": { "F": { "Properties": { "Events": events } } } });
        let mut template = Template::parse(&document.to_string()).unwrap();
        disable_event_sources(&mut template);
        let events = template.at(&["Resources", "F", "Properties", "Events"]);
        assert_eq!(events["Jobs"]["Properties"]["Enabled"], false);
        assert_eq!(events["List"]["Properties"].get("Enabled"), None);
    }
}

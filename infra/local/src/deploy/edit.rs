//! Edits of the template before a local deployment.
//!
//! Two locations are filled in: that of the code, as `sam deploy` does too, and that of the user
//! pool's keys, because the emulated pool's issuer is a real AWS address.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};

use super::template::{Resource, child, indent_of};

/// The environment variable that holds the URL of the user pool's keys for the authorizer.
const JWKS_VARIABLE: &str = "HIKIDASHI_JWKS_URL";

/// Gives every function its `CodeUri`, by the name of its binary.
pub fn place_code(
    text: &str,
    resources: &[Resource],
    code: &BTreeMap<String, String>,
) -> anyhow::Result<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut edited: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    // From last to first, so that an inserted line shifts none that is still to be edited.
    for resource in resources.iter().rev() {
        let Some(binary) = &resource.binary else {
            continue;
        };
        let name = &resource.logical_id;
        let uri = code
            .get(binary)
            .with_context(|| format!("{name} runs {binary}, which was not built"))?;
        let properties = indent_of(&lines, &resource.lines)
            .and_then(|indent| child(&lines, resource.lines.clone(), indent, "Properties"))
            .with_context(|| format!("{name} has no Properties"))?;
        let indent =
            indent_of(&lines, &properties).with_context(|| format!("{name} has no properties"))?;
        let line = format!("{}CodeUri: {uri}", " ".repeat(indent));
        match child(&lines, properties.clone(), indent, "CodeUri") {
            Some(value) if value.is_empty() => edited[value.start - 1] = line,
            // Only blank lines and comments may follow a value that is replaced.
            Some(value) if indent_of(&lines, &value).is_none() => edited[value.start - 1] = line,
            Some(_) => bail!("the CodeUri of {name} is more than a line"),
            None => edited.insert(properties.start, line),
        }
    }
    Ok(join(&edited))
}

/// Points the authorizer at the emulator for the user pool's keys.
pub fn place_keys(text: &str, fakecloud_url: &str) -> anyhow::Result<String> {
    let mut found = 0;
    let edited: Vec<String> = text
        .lines()
        .map(|line| match line.split_once(':') {
            Some((key, _)) if key.trim() == JWKS_VARIABLE => {
                found += 1;
                format!("{key}: !Sub \"{fakecloud_url}/${{UserPool}}/.well-known/jwks.json\"")
            }
            _ => line.to_owned(),
        })
        .collect();
    if found == 0 {
        bail!("no function of the template has the variable {JWKS_VARIABLE}");
    }
    Ok(join(&edited))
}

fn join(lines: &[String]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{place_code, place_keys};
    use crate::deploy::template::resources;

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
      # why so little
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

    fn code(binaries: &[&str]) -> BTreeMap<String, String> {
        binaries
            .iter()
            .map(|binary| ((*binary).to_owned(), format!("s3://artifacts/{binary}.zip")))
            .collect()
    }

    fn changed(before: &str, after: &str) -> Vec<String> {
        after
            .lines()
            .filter(|line| !before.lines().any(|old| old == *line))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_function_gets_its_code_and_nothing_else_changes() {
        let resources = resources(TEMPLATE).unwrap();
        let edited = place_code(TEMPLATE, &resources, &code(&["upload", "images"])).unwrap();
        assert_eq!(
            changed(TEMPLATE, &edited),
            [
                "      CodeUri: s3://artifacts/upload.zip",
                "      CodeUri: s3://artifacts/images.zip"
            ]
        );
        // One inserted, one replaced.
        assert_eq!(edited.lines().count(), TEMPLATE.lines().count() + 1);
        assert!(edited.contains("    Properties:\n      CodeUri: s3://artifacts/upload.zip\n"));
    }

    #[test]
    fn a_function_whose_binary_was_not_built_is_an_error() {
        let resources = resources(TEMPLATE).unwrap();
        let error = place_code(TEMPLATE, &resources, &code(&["upload"])).unwrap_err();
        assert_eq!(error.to_string(), "Images runs images, which was not built");
    }

    #[test]
    fn the_keys_come_from_the_emulator() {
        let edited = place_keys(TEMPLATE, "http://127.0.0.1:9").unwrap();
        assert_eq!(
            changed(TEMPLATE, &edited),
            ["          HIKIDASHI_JWKS_URL: \
              !Sub \"http://127.0.0.1:9/${UserPool}/.well-known/jwks.json\""]
        );
    }

    #[test]
    fn a_template_without_the_key_variable_is_refused() {
        assert!(place_keys("Resources: {}\n", "http://127.0.0.1:9").is_err());
    }
}

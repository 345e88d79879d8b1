//! Values of the template's conditions for given parameters.
//!
//! A resource whose condition is false is not deployed and must not count as missing; one whose
//! condition is true must exist. Only `!Equals [!Ref Parameter, value]` and `!Not` of it are
//! supported; any other form is an error.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};

use super::template::{child, default_of, indent_of, keys};

/// Evaluates the template's conditions, by name, with the given parameters and the defaults of the
/// others.
pub fn evaluate(
    text: &str,
    given: &BTreeMap<String, String>,
) -> anyhow::Result<BTreeMap<String, bool>> {
    let lines: Vec<&str> = text.lines().collect();
    let Some(section) = child(&lines, 0..lines.len(), 0, "Conditions") else {
        return Ok(BTreeMap::new());
    };
    let indent = indent_of(&lines, &section).context("the template's Conditions are empty")?;
    keys(&lines, section, indent)
        .into_iter()
        .map(|(name, body)| {
            let (_, form) = lines[body.start - 1].split_once(':').unwrap_or_default();
            let value = truth(form.trim(), &|parameter| match given.get(parameter) {
                Some(value) => Some(value.clone()),
                None => default_of(&lines, parameter),
            });
            Ok((
                name.to_owned(),
                value.with_context(|| format!("the condition {name}"))?,
            ))
        })
        .collect()
}

fn truth(form: &str, parameter: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<bool> {
    let inner = |function: &str| {
        let arguments = form.strip_prefix(function)?.trim();
        arguments.strip_prefix('[')?.strip_suffix(']')
    };
    if let Some(negated) = inner("!Not") {
        return Ok(!truth(negated.trim(), parameter)?);
    }
    let Some((name, value)) = inner("!Equals").and_then(|pair| pair.split_once(',')) else {
        bail!("{form:?} is not one of the supported forms");
    };
    let name = name.trim();
    let Some(name) = name.strip_prefix("!Ref ") else {
        bail!("{name:?} is not a parameter");
    };
    let actual =
        parameter(name).with_context(|| format!("{name} has neither value nor default"))?;
    Ok(actual == value.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::evaluate;

    const TEMPLATE: &str = r#"
Parameters:
  Events:
    Type: String
    Default: "off"
  Domain:
    Type: String
    Default: ""
  Stage:
    Type: String
Conditions:
  # why
  HasEvents: !Equals [!Ref Events, "on"]
  HasDomain: !Not [!Equals [!Ref Domain, ""]]
Resources:
  A:
    Type: B
"#;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn defaults_decide_where_nothing_is_given() {
        let conditions = evaluate(TEMPLATE, &given(&[])).unwrap();
        assert_eq!(
            conditions,
            BTreeMap::from([("HasEvents".into(), false), ("HasDomain".into(), false)])
        );
    }

    #[test]
    fn what_is_given_decides() {
        let conditions = evaluate(TEMPLATE, &given(&[("Events", "on"), ("Domain", "x")])).unwrap();
        assert_eq!(
            conditions,
            BTreeMap::from([("HasEvents".into(), true), ("HasDomain".into(), true)])
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for form in [
            "!Or [a, b]",
            "!Equals [!Ref Stage, dev]",
            "!Equals [a, b]",
            "",
        ] {
            let text = TEMPLATE.replace("!Equals [!Ref Events, \"on\"]", form);
            let error = format!("{:#}", evaluate(&text, &given(&[])).unwrap_err());
            assert!(error.contains("the condition HasEvents"), "{error}");
        }
    }

    #[test]
    fn a_template_without_conditions_has_none() {
        assert!(evaluate("Resources:\n", &given(&[])).unwrap().is_empty());
    }
}

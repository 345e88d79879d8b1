//! Values of the template's conditions for given parameters.
//!
//! A resource whose condition is false is not deployed and must not count as missing; one whose
//! condition is true must exist. Forms that are not supported are errors.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::template::{Template, scalar};

/// Evaluates the template's conditions, by name, with the given parameters and the defaults of the
/// others.
pub fn evaluate(
    template: &Template,
    given: &BTreeMap<String, String>,
) -> anyhow::Result<BTreeMap<String, bool>> {
    template
        .section("Conditions")
        .map(|(name, form)| {
            let value = truth(template, given, form);
            let value = value.with_context(|| format!("the condition {name}"))?;
            Ok((name.to_owned(), value))
        })
        .collect()
}

/// Returns the side of an `Fn::If` that the conditions choose, or the value itself.
pub fn decided<'a>(value: &'a Value, conditions: &BTreeMap<String, bool>) -> &'a Value {
    let name = value["Fn::If"][0].as_str();
    match name.and_then(|name| conditions.get(name)) {
        Some(true) => decided(&value["Fn::If"][1], conditions),
        Some(false) => decided(&value["Fn::If"][2], conditions),
        None => value,
    }
}

/// Returns the text of a parameter, a literal, or an item of a text that is split.
fn text(
    template: &Template,
    given: &BTreeMap<String, String>,
    value: &Value,
) -> anyhow::Result<String> {
    let parameter = |name: &str| {
        let value = given.get(name).cloned();
        value
            .or_else(|| template.default_of(name))
            .with_context(|| format!("{name} has neither value nor default"))
    };
    if let Some(name) = value["Ref"].as_str() {
        return parameter(name);
    }
    if let Some(pattern) = value["Fn::Sub"].as_str() {
        let mut parts = pattern.split("${");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').context("an open variable")?;
            text.push_str(&parameter(name)?);
            text.push_str(rest);
        }
        return Ok(text);
    }
    let select = &value["Fn::Select"];
    let split = &select[1]["Fn::Split"];
    if let (Some(index), Some(separator)) = (select[0].as_u64(), split[0].as_str()) {
        let text = self::text(template, given, &split[1])?;
        let item = text.split(separator).nth(usize::try_from(index)?);
        return Ok(item.context("too few items")?.to_owned());
    }
    scalar(value).with_context(|| format!("{value} is neither parameter nor text"))
}

pub(super) fn truth(
    template: &Template,
    given: &BTreeMap<String, String>,
    form: &Value,
) -> anyhow::Result<bool> {
    let truths = |forms: &[Value]| -> anyhow::Result<Vec<bool>> {
        let truths = forms.iter().map(|form| truth(template, given, form));
        truths.collect()
    };
    let text = |value: &Value| text(template, given, value);
    let Some((function, argument)) = form.as_object().and_then(|form| form.iter().next()) else {
        bail!("{form} is not a condition");
    };
    match (function.as_str(), argument.as_array().map(Vec::as_slice)) {
        ("Fn::Equals", Some([left, right])) => Ok(text(left)? == text(right)?),
        ("Fn::Not", Some([negated])) => Ok(!truth(template, given, negated)?),
        ("Fn::And", Some(forms)) => Ok(truths(forms)?.into_iter().all(|one| one)),
        ("Fn::Or", Some(forms)) => Ok(truths(forms)?.into_iter().any(|one| one)),
        _ => bail!("{form} is not one of the supported forms"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{Template, decided, evaluate};

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
  HasEvents: !Equals [!Ref Events, "on"]
  HasDomain: !Not [!Equals [!Ref Domain, ""]]
  HasAll: !And [!Equals [!Ref Events, "on"], !Not [!Equals [!Ref Domain, ""]]]
  HasAny: !Or [!Equals [!Ref Events, "on"], !Not [!Equals [!Ref Domain, ""]]]
"#;

    /// Returns the names of the conditions that are true.
    fn met(pairs: &[(&str, &str)]) -> Vec<String> {
        let template = Template::parse(TEMPLATE).unwrap();
        let conditions = evaluate(&template, &given(pairs)).unwrap();
        assert_eq!(conditions.len(), 4);
        let met = conditions.into_iter().filter(|(_, is_met)| *is_met);
        met.map(|(name, _)| name).collect()
    }

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn defaults_decide_where_nothing_is_given() {
        assert_eq!(met(&[]), Vec::<String>::new());
    }

    #[test]
    fn what_is_given_decides() {
        assert_eq!(met(&[("Events", "on")]), ["HasAny", "HasEvents"]);
        assert_eq!(
            met(&[("Events", "on"), ("Domain", "x")]),
            ["HasAll", "HasAny", "HasDomain", "HasEvents"]
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for form in [
            "!Select [a, b]",
            "!Equals [!Ref Stage, dev]",
            "!Equals [!Sub \"${Stage}\", b]",
            "!Equals [!GetAtt a.b, b]",
            "!Equals [a]",
            "",
        ] {
            let text = TEMPLATE.replace("HasEvents: !Equals [!Ref Events, \"on\"]", "");
            let text = format!("{text}  HasEvents: {form}\n");
            let template = Template::parse(&text).unwrap();
            let error = format!("{:#}", evaluate(&template, &given(&[])).unwrap_err());
            assert!(error.contains("the condition HasEvents"), "{error}");
        }
    }

    #[test]
    fn an_item_of_a_list_is_a_text() {
        let list = "!Select [1, !Split [\",\", !Sub \"${Domain},,\"]]";
        let text = format!("{TEMPLATE}  HasSecond: !Not [!Equals [{list}, \"\"]]\n");
        let template = Template::parse(&text).unwrap();
        for (domain, has_second) in [("", false), ("a", false), ("a,b", true), ("a,b,c", true)] {
            let conditions = evaluate(&template, &given(&[("Domain", domain)])).unwrap();
            assert_eq!(conditions["HasSecond"], has_second, "{domain}");
        }
    }

    #[test]
    fn conditions_choose_a_side() {
        let conditions = BTreeMap::from([("Yes".to_owned(), true), ("No".to_owned(), false)]);
        for (value, side) in [
            (json!({ "Fn::If": ["Yes", 1, 2] }), json!(1)),
            (
                json!({ "Fn::If": ["No", 1, { "Fn::If": ["Yes", 2, 3] }] }),
                json!(2),
            ),
            (json!({ "Ref": "A" }), json!({ "Ref": "A" })),
        ] {
            assert_eq!(decided(&value, &conditions), &side);
        }
    }

    #[test]
    fn a_template_without_conditions_has_none() {
        let template = Template::parse("Resources: {}\n").unwrap();
        assert!(evaluate(&template, &given(&[])).unwrap().is_empty());
    }
}

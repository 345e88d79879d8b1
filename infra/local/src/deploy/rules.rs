//! The template's rules, by which CloudFormation refuses parameters before it makes anything. The
//! emulator ignores them.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};

use super::{conditions::truth, template::Template};

/// Fails with the description of the first assertion that the parameters do not meet.
pub fn check(template: &Template, given: &BTreeMap<String, String>) -> anyhow::Result<()> {
    for (name, rule) in template.section("Rules") {
        let condition = &rule["RuleCondition"];
        let truth = |form| truth(template, given, form).with_context(|| format!("the rule {name}"));
        if !condition.is_null() && !truth(condition)? {
            continue;
        }
        let assertions = rule["Assertions"].as_array();
        for assertion in assertions.with_context(|| format!("the rule {name} asserts nothing"))? {
            if !truth(&assertion["Assert"])? {
                let description = assertion["AssertDescription"].as_str();
                bail!("{}", description.unwrap_or(name));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Template, check};

    const TEMPLATE: &str = r#"
Parameters:
  Budget:
    Type: Number
    Default: 0
  Email:
    Type: String
    Default: ""
Rules:
  BudgetHasReader:
    RuleCondition: !Not [!Equals [!Ref Budget, "0"]]
    Assertions:
      - Assert: !Not [!Equals [!Ref Email, ""]]
        AssertDescription: "Email: nobody reads"
  Always:
    Assertions:
      - Assert: !Not [!Equals [!Ref Email, "no"]]
"#;

    fn checked(pairs: &[(&str, &str)]) -> Result<(), String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let given: BTreeMap<_, _> = pairs.iter().map(owned).collect();
        check(&Template::parse(TEMPLATE).unwrap(), &given).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn an_assertion_that_does_not_hold_is_an_error_in_its_words() {
        assert_eq!(checked(&[]), Ok(()));
        assert_eq!(checked(&[("Budget", "5"), ("Email", "a@b")]), Ok(()));
        let refused = checked(&[("Budget", "5")]);
        assert_eq!(refused, Err("Email: nobody reads".to_owned()));
        assert_eq!(checked(&[("Email", "no")]), Err("Always".to_owned()));
    }

    #[test]
    fn a_rule_that_is_not_understood_is_an_error() {
        let text = TEMPLATE.replace("!Not [!Equals [!Ref Email, \"no\"]]", "!Select [a, b]");
        let template = Template::parse(&text).unwrap();
        let error = check(&template, &BTreeMap::new()).unwrap_err();
        assert!(
            format!("{error:#}").contains("the rule Always"),
            "{error:#}"
        );
    }
}

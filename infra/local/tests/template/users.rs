//! What the stack makes for its users, whatever they come from.

use std::collections::{BTreeMap, BTreeSet};

use local::deploy::{conditions, rules, users_source::UsersSource};
use serde_json::json;

use crate::{property, template};

const GIVEN_POOL: [(&str, &str); 2] = [
    ("UserPoolId", "eu-west-1_a"),
    ("UserPoolClientIds", "one,two,three"),
];

const OIDC: [(&str, &str); 2] = [
    ("OidcIssuer", "https://login.example/a"),
    ("OidcAudience", "web,phone"),
];

fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn the_stack_makes_only_what_its_users_need() {
    let template = template();
    let of_users = [
        "UserPool",
        "UserPoolClient",
        "UserPoolDomain",
        "OidcProvider",
    ];
    for (given, made, outputs) in [
        (&[][..], &of_users[..2], true),
        (&[("HostedUiDomain", "x")], &of_users[..3], true),
        (&GIVEN_POOL, &[], true),
        (&OIDC, &of_users[3..], false),
        (
            &[GIVEN_POOL[0], GIVEN_POOL[1], ("HostedUiDomain", "x")],
            &[],
            true,
        ),
        (
            &[OIDC[0], OIDC[1], ("HostedUiDomain", "x")],
            &of_users[3..],
            false,
        ),
    ] {
        let conditions = conditions::evaluate(&template, &parameters(given)).unwrap();
        let is_made = |section: &str, name: &str| {
            let condition = &template.at(&[section, name])["Condition"];
            conditions[condition.as_str().unwrap()]
        };
        let found: Vec<_> = of_users
            .into_iter()
            .filter(|name| is_made("Resources", name))
            .collect();
        assert_eq!(found, made, "{given:?}");
        for output in ["UserPoolId", "UserPoolClientId"] {
            assert_eq!(is_made("Outputs", output), outputs, "{given:?}");
        }
    }
}

#[test]
fn the_identity_pool_trusts_exactly_the_given_clients() {
    let template = template();
    let providers = property("IdentityPool", &["CognitoIdentityProviders"]);
    let arns = property("IdentityPool", &["OpenIdConnectProviderARNs"]);
    let no_value = json!({ "Ref": "AWS::NoValue" });
    let two = [GIVEN_POOL[0], ("UserPoolClientIds", "one,two")];
    let four = [GIVEN_POOL[0], ("UserPoolClientIds", "one,two,three,four")];
    for (given, clients) in [(&[][..], 1), (&two, 2), (&GIVEN_POOL, 3), (&four, 4)] {
        let conditions = conditions::evaluate(&template, &parameters(given)).unwrap();
        let list = conditions::decided(&providers, &conditions)
            .as_array()
            .unwrap();
        let decided = list.iter().map(|one| conditions::decided(one, &conditions));
        let trusted: Vec<_> = decided.filter(|one| **one != no_value).collect();
        assert_eq!(trusted.len(), clients, "{given:?}");
        for (index, provider) in trusted.into_iter().enumerate() {
            assert_eq!(provider["ServerSideTokenCheck"], true, "{given:?}");
            let client = conditions::decided(&provider["ClientId"], &conditions);
            if given.is_empty() {
                assert_eq!(client, &json!({ "Ref": "UserPoolClient" }));
            } else {
                assert_eq!(client["Fn::Select"][0], index, "{given:?}");
            }
        }
        assert_eq!(conditions::decided(&arns, &conditions), &no_value);
    }

    let conditions = conditions::evaluate(&template, &parameters(&OIDC)).unwrap();
    assert_eq!(conditions::decided(&providers, &conditions), &no_value);
    assert_eq!(
        conditions::decided(&arns, &conditions),
        &json!([{ "Ref": "OidcProvider" }])
    );
}

/// Of the parameters of users, the local stack keeps no combination that the template's `Rules`
/// refuse, and refuses in their words.
#[test]
fn the_rules_and_the_local_stack_refuse_parameters_in_the_same_words() {
    let template = template();
    let all = [GIVEN_POOL[0], GIVEN_POOL[1], OIDC[0], OIDC[1]];
    // Every combination of the four parameters.
    let combinations = (0..16).map(|bits| {
        let chosen = (0..4).filter(|bit| bits >> bit & 1 == 1);
        parameters(&chosen.map(|bit| all[bit]).collect::<Vec<_>>())
    });
    let (mut by_rules, mut by_stack) = (Vec::new(), Vec::new());
    for given in combinations {
        by_rules.extend(rules::check(&template, &given).err());
        by_stack.extend(UsersSource::of(&given).err());
    }
    assert_eq!(by_rules.len(), 13, "three combinations are accepted");
    assert_eq!(by_stack.len(), 13);
    let words = |errors: Vec<anyhow::Error>| -> BTreeSet<_> {
        errors.iter().map(ToString::to_string).collect()
    };
    assert_eq!(words(by_rules), words(by_stack));
}

/// A budget without an address would make nothing, and say nothing.
#[test]
fn a_budget_needs_somebody_who_reads_of_it() {
    let template = template();
    let budget = ("MonthlyBudgetUsd", "20");
    let refusal = rules::check(&template, &parameters(&[budget])).unwrap_err();
    assert!(refusal.to_string().starts_with("AlarmEmail: "), "{refusal}");
    let email = ("AlarmEmail", "on-call@example.com");
    for given in [&[budget, email][..], &[email], &[("MonthlyBudgetUsd", "0")]] {
        rules::check(&template, &parameters(given)).unwrap();
    }
}

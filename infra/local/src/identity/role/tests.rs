use super::*;

const ALICE: &str = "us-east-1:11111111-2222-4333-8444-555555555555";

fn blueprint(policy: &str) -> Blueprint {
    Blueprint {
        trust: r#"{"sub":"${cognito-identity.amazonaws.com:sub}"}"#.into(),
        policies: BTreeMap::from([("data".into(), policy.into())]),
    }
}

#[test]
fn the_identity_is_written_out_wherever_a_permission_names_it() {
    let copy = blueprint(
        r#"{"Resource":"b/${cognito-identity.amazonaws.com:sub}/*","Keys":["${cognito-identity.amazonaws.com:sub}"],"Path":"${aws:username}"}"#,
    )
    .for_identity(ALICE)
    .unwrap();

    assert_eq!(
        copy.policies["data"],
        format!(r#"{{"Resource":"b/{ALICE}/*","Keys":["{ALICE}"],"Path":"${{aws:username}}"}}"#)
    );
}

#[test]
fn the_trust_policy_is_copied_word_for_word() {
    let template = blueprint("{}");

    assert_eq!(template.for_identity(ALICE).unwrap().trust, template.trust);
}

#[test]
fn a_cognito_key_that_the_emulator_does_not_know_is_refused() {
    for policy in [
        r#"{"Resource":"${cognito-identity.amazonaws.com:aud}"}"#,
        r#"{"Condition":{"StringEquals":{"Cognito-Identity.amazonaws.com:sub":"x"}}}"#,
    ] {
        assert!(blueprint(policy).for_identity(ALICE).is_err(), "{policy}");
    }
}

#[test]
fn documents_are_decoded_once() {
    let decoded = plain_json("%7B%22Resource%22%3A%22b%2Fa+b%2525%22%7D").unwrap();

    assert_eq!(decoded, r#"{"Resource":"b/a+b%25"}"#);
    assert!(plain_json("arn%3Aaws").is_err());
}

#[test]
fn the_name_of_a_copy_is_legal() {
    let longest = copy_name("ap-southeast-2:11111111-2222-4333-8444-555555555555");

    assert!(longest.len() <= 64);
    assert!(
        longest
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c))
    );
}

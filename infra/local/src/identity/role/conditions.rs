//! Conditions on the identity of a session, which the emulator gives no value: they are decided
//! when the role is copied for an identity.

use serde_json::Value;

/// The condition key with the identity id of a session.
const KEY: &str = "cognito-identity.amazonaws.com:sub";

/// Decides the `StringEquals` on the identity in every statement of a policy: a statement about
/// others is removed, and one about this identity loses the condition. Returns `None` if no
/// statement is left.
pub(super) fn decided(document: &str, identity_id: &str) -> anyhow::Result<Option<String>> {
    if !document.contains(KEY) {
        return Ok(Some(document.to_owned()));
    }
    let mut policy: Value = serde_json::from_str(document)?;
    let Some(statements) = policy["Statement"].as_array_mut() else {
        return Ok(Some(document.to_owned()));
    };
    statements.retain_mut(|statement| applies(statement, identity_id));
    let is_empty = statements.is_empty();
    Ok((!is_empty).then(|| policy.to_string()))
}

fn applies(statement: &mut Value, identity_id: &str) -> bool {
    let condition = statement
        .get_mut("Condition")
        .and_then(|condition| condition.get_mut("StringEquals"))
        .and_then(Value::as_object_mut);
    let Some(names) = condition.and_then(|equals| equals.remove(KEY)) else {
        return true;
    };
    match names {
        Value::Array(names) => names.iter().any(|name| name == identity_id),
        name => name == identity_id,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{KEY, decided};

    fn copied(document: &Value, identity: &str) -> Option<Value> {
        let copy = decided(&document.to_string(), identity).unwrap()?;
        serde_json::from_str(&copy).unwrap()
    }

    #[test]
    fn a_denial_of_some_users_is_a_denial_of_these() {
        let denial = |condition: &Value| json!({ "Statement": [{ "Effect": "Deny", "Action": "*", "Condition": condition }] });
        let some = denial(&json!({ "StringEquals": { KEY: ["a", "b"] } }));
        let always = denial(&json!({ "StringEquals": {} }));
        assert_eq!(copied(&some, "a"), Some(always.clone()));
        assert_eq!(copied(&some, "b"), Some(always));
        assert_eq!(copied(&some, "c"), None);
    }

    #[test]
    fn other_statements_stay_as_they_are() {
        let both = json!({ "Statement": [
            { "Sid": "All", "Condition": { "StringEquals": { "aws:username": "x" } } },
            { "Sid": "One", "Condition": { "StringEquals": { KEY: "a" } } },
        ]});
        let one = json!({ "Statement": [both["Statement"][0]] });
        assert_eq!(copied(&both, "b"), Some(one.clone()));
        assert_eq!(copied(&one, "b"), Some(one));
    }
}

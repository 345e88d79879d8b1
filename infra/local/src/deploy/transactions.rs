//! Updates of two kinds of items in one transaction.
//!
//! AWS judges each item of a transaction by itself. The emulator judges all updates of a
//! transaction together, by the partitions and attributes of all of them, so that two statements of
//! which each allows one of the updates do not allow both. At deployment, a role with several
//! statements about updates gets another, for updates in transactions only, with the attributes of
//! all of these. Here, therefore, a transaction may name any of these attributes for any item; a
//! single update may not.

use serde_json::{Map, Value, json};

use super::template::{Template, for_each_mapping};

/// The action whose statements are joined.
pub const UPDATE: &str = "dynamodb:UpdateItem";

/// The `Sid` of the added statement.
pub const SID: &str = "UpdateInTransactions";

const EVERY: &str = "ForAllValues:StringEquals";
const ATTRIBUTES: &str = "dynamodb:Attributes";

/// Adds the statement to every policy with several statements about updates.
pub fn allow_updates_together(template: &mut Template) {
    for_each_mapping(template.value_mut(), &mut |document| {
        let Some(Value::Array(statements)) = document.get_mut("Statement") else {
            return;
        };
        if let Some(together) = together(statements) {
            statements.push(together);
        }
    });
}

fn together(statements: &[Value]) -> Option<Value> {
    let updates: Vec<&Map<String, Value>> = statements
        .iter()
        .filter(|one| one["Effect"] == "Allow" && one["Action"] == UPDATE)
        .filter_map(Value::as_object)
        .collect();
    let [first, _, ..] = updates[..] else {
        return None;
    };
    let mut attributes: Vec<&Value> = Vec::new();
    for update in updates {
        for attribute in update.get("Condition")?[EVERY][ATTRIBUTES].as_array()? {
            if !attributes.contains(&attribute) {
                attributes.push(attribute);
            }
        }
    }
    Some(json!({
        "Sid": SID,
        "Effect": "Allow",
        "Action": UPDATE,
        "Resource": first.get("Resource")?,
        "Condition": {
            EVERY: { ATTRIBUTES: attributes },
            "Null": { ATTRIBUTES: "false" },
            "StringEquals": { "dynamodb:EnclosingOperation": "TransactWriteItems" },
        },
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Template, allow_updates_together};

    fn update(attributes: &[&str]) -> Value {
        json!({
            "Effect": "Allow", "Action": "dynamodb:UpdateItem", "Resource": "t",
            "Condition": { "ForAllValues:StringEquals": { "dynamodb:Attributes": attributes } },
        })
    }

    fn placed(statements: &[Value]) -> Vec<Value> {
        let mut template =
            Template::parse(&json!({ "Statement": statements }).to_string()).unwrap();
        allow_updates_together(&mut template);
        template.at(&["Statement"]).as_array().unwrap().clone()
    }

    #[test]
    fn two_updates_may_be_in_a_transaction() {
        let placed = placed(&[update(&["id", "a"]), update(&["id", "b"])]);
        let [_, _, together] = &placed[..] else {
            panic!("{placed:?}")
        };
        let condition = &together["Condition"];
        let attributes = &condition["ForAllValues:StringEquals"]["dynamodb:Attributes"];
        assert_eq!(*attributes, json!(["id", "a", "b"]));
        let operation = &condition["StringEquals"]["dynamodb:EnclosingOperation"];
        assert_eq!(operation, "TransactWriteItems");
    }

    #[test]
    fn every_other_policy_stays_as_it_is() {
        let deletion = json!({ "Effect": "Allow", "Action": "dynamodb:DeleteItem" });
        assert_eq!(placed(&[update(&["id"]), deletion]).len(), 2);
        assert_eq!(placed(&[update(&["id"])]).len(), 1);
    }

    #[test]
    fn the_project_s_worker_writes_both_kinds_and_its_users_only_one() {
        let mut template = Template::read().unwrap();
        allow_updates_together(&mut template);
        let has_it = |role: &str| {
            let policies = template.at(&["Resources", role, "Properties", "Policies"]);
            policies.to_string().contains("UpdateInTransactions")
        };
        for role in ["ThumbnailRole", "DeadLetterRole", "ReconcileRole"] {
            assert!(has_it(role), "{role}");
        }
        assert!(!has_it("AuthenticatedRole"));
    }
}

//! Writes of one item, to be sent alone or in a transaction.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    types::{AttributeValue, Delete, TransactWriteItem, Update},
};

use crate::{record_item::number, service_error::ServiceError};
use common::attribute::Attribute;

type Item = HashMap<String, AttributeValue>;

/// The placeholder of [`Attribute::CountedBytes`] in an expression.
const COUNTED: &str = "#counted";

/// A conditional write of an item.
#[derive(Clone, Debug)]
pub(crate) struct ItemWrite {
    key: Item,
    /// The clauses of an update. A removal has none.
    update: Option<UpdateClauses>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: Item,
}

/// The clauses of an update expression.
#[derive(Clone, Debug, Default)]
struct UpdateClauses {
    sets: Vec<String>,
    adds: Vec<String>,
    removals: Vec<String>,
}

impl UpdateClauses {
    fn expression(&self) -> String {
        let clauses = [
            ("SET", &self.sets),
            ("ADD", &self.adds),
            ("REMOVE", &self.removals),
        ];
        let clauses = clauses.iter().filter(|(_, list)| !list.is_empty());
        let clauses: Vec<_> = clauses
            .map(|(verb, list)| format!("{verb} {}", list.join(", ")))
            .collect();
        clauses.join(" ")
    }
}

impl ItemWrite {
    /// Creates an update, which makes the item where it is missing.
    pub(crate) fn update(key: Item) -> Self {
        Self {
            key,
            update: Some(UpdateClauses::default()),
            conditions: Vec::new(),
            names: HashMap::new(),
            values: HashMap::new(),
        }
    }

    /// Creates a removal.
    pub(crate) fn removal(key: Item) -> Self {
        Self {
            update: None,
            ..Self::update(key)
        }
    }

    /// Adds a condition, which must hold beside the others.
    #[must_use]
    pub(crate) fn on(mut self, condition: impl Into<String>) -> Self {
        self.conditions.push(condition.into());
        self
    }

    /// Names an attribute for a placeholder that begins with `#`.
    #[must_use]
    pub(crate) fn name(mut self, placeholder: impl Into<String>, attribute: &str) -> Self {
        self.names.insert(placeholder.into(), attribute.to_owned());
        self
    }

    /// Gives the value of a placeholder that begins with `:`.
    #[must_use]
    pub(crate) fn value(mut self, placeholder: impl Into<String>, value: AttributeValue) -> Self {
        self.values.insert(placeholder.into(), value);
        self
    }

    /// Adds an assignment, such as `a = :a`. A removal ignores it.
    #[must_use]
    pub(crate) fn set(mut self, assignment: impl Into<String>) -> Self {
        if let Some(update) = &mut self.update {
            update.sets.push(assignment.into());
        }
        self
    }

    /// Adds an addition, such as `a :n`. A removal ignores it.
    #[must_use]
    pub(crate) fn add(mut self, addition: impl Into<String>) -> Self {
        if let Some(update) = &mut self.update {
            update.adds.push(addition.into());
        }
        self
    }

    /// Removes an attribute. A removal of the item ignores it.
    #[must_use]
    pub(crate) fn remove(mut self, attribute: impl Into<String>) -> Self {
        if let Some(update) = &mut self.update {
            update.removals.push(attribute.into());
        }
        self
    }

    /// Requires that the record counts `before`, and makes it count `after`.
    #[must_use]
    pub(crate) fn counting(self, before: Option<u64>, after: Option<u64>) -> Self {
        let write = self.name(COUNTED, Attribute::CountedBytes.name());
        let write = match before {
            None => write.on(format!("attribute_not_exists({COUNTED})")),
            Some(before) => write
                .on(format!("{COUNTED} = :counted"))
                .value(":counted", number(before)),
        };
        match after {
            _ if before == after || write.update.is_none() => write,
            None => write.remove(COUNTED),
            Some(after) => write
                .set(format!("{COUNTED} = :counts"))
                .value(":counts", number(after)),
        }
    }

    fn condition(&self) -> Option<String> {
        let conditions: Vec<_> = self
            .conditions
            .iter()
            .map(|one| format!("({one})"))
            .collect();
        (!conditions.is_empty()).then(|| conditions.join(" AND "))
    }

    /// Sends the write alone. `what` says in an error what it was for.
    pub(crate) async fn send(
        self,
        dynamodb: &Client,
        table: &str,
        what: impl Into<String>,
    ) -> Result<(), ServiceError> {
        let condition = self.condition();
        let (names, values) = (unless_empty(self.names), unless_empty(self.values));
        match self.update {
            Some(update) => dynamodb
                .update_item()
                .table_name(table)
                .set_key(Some(self.key))
                .update_expression(update.expression())
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .send()
                .await
                .map(drop)
                .map_err(|error| ServiceError::classify(what, error)),
            None => dynamodb
                .delete_item()
                .table_name(table)
                .set_key(Some(self.key))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .send()
                .await
                .map(drop)
                .map_err(|error| ServiceError::classify(what, error)),
        }
    }

    /// Returns the member of a transaction.
    pub(crate) fn member(self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let condition = self.condition();
        let (names, values) = (unless_empty(self.names), unless_empty(self.values));
        let member = TransactWriteItem::builder();
        let member = match self.update {
            Some(update) => member.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(self.key))
                    .update_expression(update.expression())
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            None => member.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(self.key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
        };
        Ok(member.build())
    }
}

/// `DynamoDB` refuses empty maps.
fn unless_empty<V>(map: HashMap<String, V>) -> Option<HashMap<String, V>> {
    (!map.is_empty()).then_some(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(before: Option<u64>, after: Option<u64>) -> Update {
        let write = ItemWrite::update(HashMap::from([("k".to_owned(), number(1))]))
            .on("a OR b")
            .set("x = :x")
            .counting(before, after);
        write.member("t").unwrap().update.unwrap()
    }

    #[test]
    fn what_a_record_counted_is_required_and_changed() {
        let first = update(None, Some(5));
        let condition = first.condition_expression().unwrap();
        assert_eq!(condition, "(a OR b) AND (attribute_not_exists(#counted))");
        assert_eq!(first.update_expression(), "SET x = :x, #counted = :counts");
        let gone = update(Some(5), None);
        assert_eq!(
            gone.condition_expression().unwrap(),
            "(a OR b) AND (#counted = :counted)"
        );
        assert_eq!(gone.update_expression(), "SET x = :x REMOVE #counted");
        let same = update(Some(5), Some(5));
        assert_eq!(same.update_expression(), "SET x = :x");
    }

    #[test]
    fn a_removal_has_conditions_only() {
        let removal = ItemWrite::removal(HashMap::from([("k".to_owned(), number(1))]));
        let removal = removal.counting(Some(5), None).member("t").unwrap();
        let removal = removal.delete.unwrap();
        assert_eq!(
            removal.condition_expression().unwrap(),
            "(#counted = :counted)"
        );
        assert_eq!(removal.expression_attribute_values().unwrap().len(), 1);
    }
}

//! Reading and changing usage items.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client, operation::get_item::builders::GetItemFluentBuilder, types::AttributeValue,
};
use time::OffsetDateTime;

use crate::{
    item_write::ItemWrite,
    record_item::{get_number, get_text, number, text},
};
use common::{
    attribute::Attribute,
    identity_id::IdentityId,
    quota::Limits,
    timestamp,
    usage::{Delta, Usage, UsageAttribute, UsageItem, UsageKey},
};

type Item = HashMap<String, AttributeValue>;

/// Whether a read must see all earlier writes. One that need not costs half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consistency {
    /// May miss the writes of the last moments.
    Eventual,
    /// Sees all earlier writes.
    Strong,
}

/// A usage item, and its counters as they are stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct StoredUsage {
    pub(crate) item: UsageItem,
    /// The time of the last change of a counter.
    pub(crate) updated_at: Option<OffsetDateTime>,
    counters: Vec<(UsageAttribute, Option<AttributeValue>)>,
}

/// A change of the counters.
#[derive(Clone, Debug)]
pub(crate) enum UsageChange<'a> {
    /// Adds, whatever the counters are, as long as they stay within the limits and do not go below
    /// zero.
    Add(Delta, Limits),
    /// Sets, if the counters are still those that were read.
    Set(Usage, &'a StoredUsage),
}

/// Returns the key of a user's usage item.
pub(crate) fn key(identity: &IdentityId) -> Item {
    let partition = text(UsageKey::of(identity).to_string());
    HashMap::from([
        (Attribute::IdentityId.name().to_owned(), partition),
        (Attribute::ImageId.name().to_owned(), text(UsageKey::SORT)),
    ])
}

fn name(attribute: UsageAttribute) -> String {
    format!("#{}", attribute.name())
}

/// Returns the request for a user's usage item.
pub(crate) fn request(
    dynamodb: &Client,
    table: &str,
    identity: &IdentityId,
    consistency: Consistency,
) -> GetItemFluentBuilder {
    let names = UsageAttribute::ALL.map(|attribute| (name(attribute), attribute.name().to_owned()));
    dynamodb
        .get_item()
        .table_name(table)
        .set_key(Some(key(identity)))
        .consistent_read(consistency == Consistency::Strong)
        .projection_expression(UsageAttribute::ALL.map(name).join(", "))
        .set_expression_attribute_names(Some(names.into()))
}

/// Parses a usage item. There is none until something counts.
pub(crate) fn stored(item: Option<&Item>) -> StoredUsage {
    let none = Item::new();
    let item = item.unwrap_or(&none);
    let count = |attribute| get_number(item, attribute);
    StoredUsage {
        item: UsageItem {
            usage: Usage {
                bytes: count(UsageAttribute::Bytes).unwrap_or_default(),
                images: count(UsageAttribute::Images).unwrap_or_default(),
            },
            max_bytes: count(UsageAttribute::MaxBytes),
            max_images: count(UsageAttribute::MaxImages),
        },
        updated_at: get_text(item, UsageAttribute::UpdatedAt).and_then(timestamp::parse),
        counters: UsageAttribute::COUNTERS
            .map(|attribute| (attribute, item.get(attribute.name()).cloned()))
            .into(),
    }
}

impl StoredUsage {
    /// Whether any counter is stored, whatever its type.
    pub(crate) fn exists(&self) -> bool {
        self.counters.iter().any(|(_, value)| value.is_some())
    }

    /// Whether a counter is stored that can't be added to.
    pub(crate) fn has_wrong_types(&self) -> bool {
        let is_wrong = |value: &AttributeValue| {
            value
                .as_n()
                .ok()
                .and_then(|digits| digits.parse::<u64>().ok())
                .is_none()
        };
        self.counters
            .iter()
            .filter(|(counter, _)| *counter != UsageAttribute::UpdatedAt)
            .any(|(_, value)| value.as_ref().is_some_and(is_wrong))
    }
}

/// Returns the write of a change.
pub(crate) fn write(
    identity: &IdentityId,
    change: &UsageChange<'_>,
    now: OffsetDateTime,
) -> ItemWrite {
    let write = ItemWrite::update(key(identity))
        .name("#updatedAt", UsageAttribute::UpdatedAt.name())
        .value(":now", text(timestamp::to_text(now)))
        .set("#updatedAt = :now");
    match change {
        UsageChange::Add(delta, limits) => {
            let bytes = (UsageAttribute::Bytes, delta.bytes, limits.max_bytes);
            let images = (UsageAttribute::Images, delta.images, limits.max_images);
            [bytes, images].into_iter().fold(write, added)
        }
        UsageChange::Set(usage, seen) => {
            let counters = [
                (UsageAttribute::Bytes, usage.bytes),
                (UsageAttribute::Images, usage.images),
            ];
            let write = counters.into_iter().fold(write, |write, (counter, value)| {
                let name = name(counter);
                write
                    .set(format!("{name} = :{}", counter.name()))
                    .value(format!(":{}", counter.name()), number(value))
                    .name(name, counter.name())
            });
            seen.counters.iter().fold(write, |write, (counter, value)| {
                let name = name(*counter);
                match value {
                    Some(value) => write
                        .on(format!("{name} = :seen_{}", counter.name()))
                        .value(format!(":seen_{}", counter.name()), value.clone()),
                    None => write.on(format!("attribute_not_exists({name})")),
                }
            })
        }
    }
}

/// Adds to a counter. A comparison with a value of another type does not hold, so that an addition
/// never meets one.
fn added(
    write: ItemWrite,
    (counter, delta, max): (UsageAttribute, i128, Option<u64>),
) -> ItemWrite {
    let (name, value) = (name(counter), format!(":{}", counter.name()));
    let bound = format!(":bound_{}", counter.name());
    let (condition, at) = if delta < 0 {
        (format!("{name} >= {bound}"), -delta)
    } else {
        // A limit is of growth only: what does not grow may be above a limit that was lowered.
        let max = max.filter(|_| delta > 0).unwrap_or(u64::MAX);
        let most = i128::from(max) - delta;
        (
            format!("attribute_not_exists({name}) OR {name} <= {bound}"),
            most,
        )
    };
    write
        .name(&name, counter.name())
        .on(condition)
        .value(bound, number(at))
        .add(format!("{name} {value}"))
        .value(value, number(delta))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> IdentityId {
        IdentityId::parse("eu-west-1:01234567-89ab-cdef-0123-456789abcdef").unwrap()
    }

    fn update(change: &UsageChange<'_>) -> aws_sdk_dynamodb::types::Update {
        let write = write(&alice(), change, OffsetDateTime::UNIX_EPOCH);
        write.member("t").unwrap().update.unwrap()
    }

    #[test]
    fn what_grows_is_within_the_limit() {
        let limits = Limits {
            max_bytes: Some(100),
            max_images: None,
        };
        let update = update(&UsageChange::Add(Delta::between(None, Some(30)), limits));
        assert_eq!(
            update.update_expression(),
            "SET #updatedAt = :now ADD #bytes :bytes, #images :images"
        );
        let values = update.expression_attribute_values().unwrap();
        assert_eq!(values[":bound_bytes"], number(70));
        assert_eq!(values[":bound_images"], number(u64::MAX - 1));
    }

    #[test]
    fn what_shrinks_stays_above_zero_and_meets_no_limit() {
        let limits = Limits {
            max_bytes: Some(1),
            max_images: Some(1),
        };
        let update = update(&UsageChange::Add(
            Delta::between(Some(30), Some(10)),
            limits,
        ));
        let condition = update.condition_expression().unwrap();
        assert!(
            condition.contains("(#bytes >= :bound_bytes)"),
            "{condition}"
        );
        let values = update.expression_attribute_values().unwrap();
        assert_eq!(values[":bound_bytes"], number(20));
        assert_eq!(values[":bytes"], number(-20));
        assert_eq!(values[":bound_images"], number(u64::MAX));
    }

    #[test]
    fn what_is_set_was_not_changed_meanwhile() {
        let item = Item::from([("bytes".to_owned(), text("many"))]);
        let seen = stored(Some(&item));
        assert_eq!(seen.item, UsageItem::default());
        assert!(seen.exists() && seen.has_wrong_types());
        let update = update(&UsageChange::Set(Usage::default(), &seen));
        let condition = update.condition_expression().unwrap();
        assert_eq!(
            condition,
            "(#bytes = :seen_bytes) AND (attribute_not_exists(#images)) \
             AND (attribute_not_exists(#updatedAt))"
        );
    }

    #[test]
    fn attributes_of_wrong_types_count_as_absent() {
        let item = Item::from([
            ("bytes".to_owned(), number(-5)),
            ("images".to_owned(), AttributeValue::Bool(true)),
            ("maxBytes".to_owned(), text("7")),
            ("maxImages".to_owned(), number(3)),
            ("updatedAt".to_owned(), number(3)),
        ]);
        let stored = stored(Some(&item));
        assert_eq!(stored.item.usage, Usage::default());
        assert_eq!(stored.item.max_bytes, None);
        assert_eq!(stored.item.max_images, Some(3));
        assert_eq!(stored.updated_at, None);
        assert!(!super::stored(None).exists());
    }
}

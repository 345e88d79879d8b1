//! A recount of every user: what their records and originals say, against their usage items.

use std::collections::BTreeMap;

use crate::stored_state::{StoredState, number, text};

/// Returns a complaint about each user whose usage item, records and originals do not agree. An
/// image counts once its record says so; there are none beyond the quota here.
pub(crate) async fn recount(stored_state: &StoredState) -> anyhow::Result<Vec<String>> {
    let mut wrong = BTreeMap::new();
    let mut counted: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for ((identity, image), record) in &stored_state.records {
        let counts = number(record, "countedBytes");
        if let Some(bytes) = counts {
            let sum = counted.entry(identity).or_default();
            *sum = (sum.0 + bytes, sum.1 + 1);
        }
        let id = (identity.clone(), image.clone());
        let original = match stored_state.originals.get(&id) {
            Some(keys) => Some(u64::try_from(stored_state.get(&keys[0]).await?.len())?),
            None => None,
        };
        let expected = original.filter(|_| text(record, "status").is_some());
        if counts != expected {
            wrong.insert(
                identity.as_str(),
                format!("{id:?} counts {counts:?}, and has {expected:?} bytes"),
            );
        }
    }
    for (identity, item) in &stored_state.usage {
        let has = |name| number(item, name).unwrap_or_default();
        let stored = (has("bytes"), has("images"));
        let sum = counted.remove(identity.as_str()).unwrap_or_default();
        if stored != sum {
            wrong.insert(
                identity,
                format!("usage of {identity} is {stored:?}, not {sum:?}"),
            );
        }
    }
    for (identity, sum) in counted {
        wrong.insert(
            identity,
            format!("{identity} has no usage item for {sum:?}"),
        );
    }
    Ok(wrong.into_values().collect())
}

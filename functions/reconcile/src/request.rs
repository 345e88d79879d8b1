//! What the function is asked to do.

use serde::Deserialize;

/// The schedule sends `{"apply": true}`. Whatever says nothing of the kind, such as a test event from the console, is
/// answered with a report and changes nothing.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Order {
    /// Whether to mend.
    #[serde(default)]
    pub(crate) apply: bool,
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn only_who_says_so_changes_anything() {
        for (event, apply) in [
            (r#"{"apply": true}"#, true),
            (r#"{"apply": false}"#, false),
            ("{}", false),
            (
                r#"{"source": "aws.events", "detail-type": "Scheduled Event"}"#,
                false,
            ),
        ] {
            let order: Order = serde_json::from_str(event).unwrap();
            assert_eq!(order.apply, apply, "{event}");
        }
    }
}

//! The request to the reconciliation function.

use serde::Deserialize;

/// The function's event. The schedule sends `{"apply": true}`. Any other event, such as a test
/// event of the console, gets a report and changes nothing.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ReconcileRequest {
    /// Whether to apply the changes.
    #[serde(default)]
    pub(crate) apply: bool,
}

#[cfg(test)]
mod tests {
    use super::ReconcileRequest;

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
            let request: ReconcileRequest = serde_json::from_str(event).unwrap();
            assert_eq!(request.apply, apply, "{event}");
        }
    }
}

//! What the function is asked to do.

use serde::Deserialize;

/// The schedule sends `{"apply": true}`. Whatever says nothing of the kind, such as a test event from the console, is
/// answered with a report and changes nothing.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ReconcileRequest {
    /// Whether to mend.
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

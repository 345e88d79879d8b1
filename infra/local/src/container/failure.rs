//! Responses to invocations whose function failed.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

/// Largest response that Lambda takes from a function, in bytes ("Lambda quotas").
pub(super) const MAX_RESPONSE_BYTES: usize = 6_291_556;

/// A function error: an object with the strings `errorType` and `errorMessage`, in Lambda's words.
///
/// The emulator tells a failure from a response by exactly this shape, without a `statusCode`. The
/// constructors of this type build no other shape.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct FunctionError(Bytes);

impl FunctionError {
    /// Error that the function's runtime reported, passed on as it is if it has the shape.
    pub(super) fn reported(body: &Bytes, error_type: Option<&str>) -> Self {
        let value = serde_json::from_slice::<Value>(body).unwrap_or(Value::Null);
        if value["errorType"].is_string()
            && value["errorMessage"].is_string()
            && value.get("statusCode").is_none()
        {
            return Self(body.clone());
        }
        let message = match &value["errorMessage"] {
            Value::String(message) => message.clone(),
            _ => String::from_utf8_lossy(body).into_owned(),
        };
        Self::new(error_type.unwrap_or("Runtime.Unknown"), &message)
    }

    /// Error for a `bootstrap` that ended without a response.
    pub(super) fn exited(request_id: &str, status: ExitStatus) -> Self {
        Self::new(
            "Runtime.ExitError",
            &format!("RequestId: {request_id} Error: {}", how_it_exited(status)),
        )
    }

    /// Error for a `bootstrap` that can't be started.
    pub(super) fn no_bootstrap(request_id: &str, error: &std::io::Error) -> Self {
        Self::new(
            "Runtime.InvalidEntrypoint",
            &format!("RequestId: {request_id} Error: couldn't start bootstrap: {error}"),
        )
    }

    /// Error for an invocation that took longer than the function's timeout.
    pub(super) fn timed_out(request_id: &str, timeout: Duration) -> Self {
        let seconds = timeout.as_secs_f64();
        Self::new(
            "Sandbox.Timedout",
            &format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"),
        )
    }

    /// Error for a function that never polled for its first event.
    pub(super) fn init_timed_out(request_id: &str, limit: Duration) -> Self {
        let seconds = limit.as_secs_f64();
        Self::new(
            "Sandbox.Timedout",
            &format!("RequestId: {request_id} Error: Init timed out after {seconds:.2} seconds"),
        )
    }

    /// Error for a response over [`MAX_RESPONSE_BYTES`].
    pub(super) fn response_too_large() -> Self {
        Self::new(
            "Function.ResponseSizeTooLarge",
            &format!(
                "Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} \
                 bytes)."
            ),
        )
    }

    pub(super) fn into_json(self) -> Bytes {
        self.0
    }

    /// Returns the error as JSON, for a log line.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn new(error_type: &str, message: &str) -> Self {
        let body = json!({ "errorType": error_type, "errorMessage": message });
        Self(body.to_string().into())
    }
}

/// Describes an exit status in Lambda's wording, which is that of Go's standard library.
pub(super) fn how_it_exited(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(9), _) => "Runtime exited with error: signal: killed".into(),
        (Some(11), _) => "Runtime exited with error: signal: segmentation fault".into(),
        (Some(6), _) => "Runtime exited with error: signal: aborted".into(),
        (Some(signal), _) => format!("Runtime exited with error: signal: {signal}"),
        (None, Some(0) | None) => "Runtime exited without providing a reason".into(),
        (None, Some(code)) => format!("Runtime exited with error: exit status {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(error: &FunctionError) -> (String, String) {
        let value: Value = serde_json::from_slice(error.as_bytes()).unwrap();
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        (text("errorType"), text("errorMessage"))
    }

    #[test]
    fn a_killed_bootstrap_reads_as_lambda_says_it() {
        let error = FunctionError::exited("id", ExitStatus::from_raw(9));
        assert_eq!(
            fields(&error),
            (
                "Runtime.ExitError".into(),
                "RequestId: id Error: Runtime exited with error: signal: killed".into()
            )
        );
    }

    #[test]
    fn an_exit_code_is_named_and_none_is_no_reason() {
        assert_eq!(
            how_it_exited(ExitStatus::from_raw(3 << 8)),
            "Runtime exited with error: exit status 3"
        );
        assert_eq!(
            how_it_exited(ExitStatus::from_raw(0)),
            "Runtime exited without providing a reason"
        );
    }

    #[test]
    fn a_report_in_the_right_shape_is_passed_on_untouched() {
        let body = Bytes::from_static(br#"{"errorType":"A","errorMessage":"b", "stackTrace":[]}"#);
        assert_eq!(FunctionError::reported(&body, None).into_json(), body);
    }

    #[test]
    fn a_report_in_any_other_shape_can_not_be_mistaken_for_a_response() {
        for body in [
            r#"{"statusCode":200,"errorType":"A","errorMessage":"b"}"#,
            r#"{"errorMessage":"b"}"#,
            r#""b""#,
            "b",
        ] {
            let error = FunctionError::reported(&body.into(), Some("Handler.Broken"));
            let (error_type, message) = fields(&error);
            assert_eq!(error_type, "Handler.Broken", "{body}");
            assert!(message.contains('b'), "{body}");
            assert!(
                serde_json::from_slice::<Value>(error.as_bytes())
                    .unwrap()
                    .get("statusCode")
                    .is_none()
            );
        }
    }
}

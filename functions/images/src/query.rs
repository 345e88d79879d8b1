//! The query parameters of a request.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use thiserror::Error;

/// The parameters of a request, each given at most once.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

/// The reason why a query is refused. A misspelt filter, if ignored, would show the wrong images.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// A parameter that the route does not take.
    #[error("there is no parameter {name:?} here; {}", known_ones(.known))]
    Unknown {
        /// The text of the request, shortened.
        name: String,
        /// The parameters of the route.
        known: &'static [&'static str],
    },
    /// A parameter that is given twice.
    #[error("{0} is given more than once")]
    Repeated(String),
    /// A value that the parameter does not take.
    #[error("{name}={value:?} is not {allowed}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// The text of the request, shortened.
        value: String,
        /// The values that it takes.
        allowed: &'static str,
    },
}

impl Query {
    /// Parses the parameters of a route.
    pub(crate) fn parse(
        request: &ApiGatewayV2httpRequest,
        known: &'static [&'static str],
    ) -> Result<Self, QueryError> {
        let text = request.raw_query_string.as_deref().unwrap_or_default();
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if !known.contains(&name.as_ref()) {
                return Err(QueryError::Unknown {
                    name: shortened(&name),
                    known,
                });
            }
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(QueryError::Repeated(name.into_owned()));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    /// Returns a value, decoded.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// Parses a value; `allowed` describes the valid ones, for the error.
    pub(crate) fn parsed<T>(
        &self,
        name: &'static str,
        allowed: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, QueryError> {
        let refused = |value: &str| QueryError::Value {
            name,
            value: shortened(value),
            allowed,
        };
        self.text(name)
            .map(|value| parse(value).ok_or_else(|| refused(value)))
            .transpose()
    }
}

/// Shortens a text for an error message.
fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn known_ones(known: &[&str]) -> String {
    if known.is_empty() {
        "the route takes none".to_owned()
    } else {
        format!("the route takes {}", known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<Query, QueryError> {
        let mut request = ApiGatewayV2httpRequest::default();
        request.raw_query_string = Some(text.to_owned());
        Query::parse(&request, &["limit", "from"])
    }

    #[test]
    fn values_are_decoded() {
        let query = query("limit=5&from=2026-01-01T00%3A00%3A00%2B01%3A00").unwrap();
        assert_eq!(query.text("limit"), Some("5"));
        assert_eq!(query.text("from"), Some("2026-01-01T00:00:00+01:00"));
        assert_eq!(query.text("to"), None);
    }

    #[test]
    fn a_misspelt_or_repeated_parameter_is_refused() {
        assert_eq!(
            query("limits=5").unwrap_err().to_string(),
            r#"there is no parameter "limits" here; the route takes limit, from"#
        );
        assert_eq!(
            query("limit=5&limit=5").unwrap_err(),
            QueryError::Repeated("limit".to_owned())
        );
    }

    #[test]
    fn a_refused_value_is_told_what_is_taken() {
        let query = query("limit=x").unwrap();
        let error = query
            .parsed("limit", "a number", |text| text.parse::<u8>().ok())
            .unwrap_err();
        assert_eq!(error.to_string(), r#"limit="x" is not a number"#);
    }
}

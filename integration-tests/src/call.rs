//! Requests as data: the signer, the service, and every byte.
//!
//! The SDK is not used: it would refuse many of the attacker's requests, and each service would
//! need a crate.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The characters that S3 leaves unencoded in a key, so that a path is signed as it is sent.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The signer of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The attacker's temporary credentials, in the `Authorization` header.
    Attacker,
    /// The attacker's temporary credentials, in the query: a presigned URL.
    AttackerInUrl,
    /// The victim's temporary credentials: for the fixture, never for an attack.
    Victim,
    /// The operator's credentials.
    Operator,
    /// The attacker's id token, as a bearer token.
    Token,
    /// No signer: the request carries only its own headers.
    Anonymous,
}

/// The service that receives a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The API of this project.
    Api,
    /// `CloudFormation`.
    CloudFormation,
    /// The identity pools.
    CognitoIdentity,
    /// The user pools.
    CognitoPool,
    /// `DynamoDB`.
    DynamoDb,
    /// The streams of `DynamoDB`.
    DynamoDbStreams,
    /// IAM.
    Iam,
    /// KMS.
    Kms,
    /// Lambda.
    Lambda,
    /// `CloudWatch` Logs.
    Logs,
    /// S3.
    S3,
    /// Secrets Manager.
    SecretsManager,
    /// SNS.
    Sns,
    /// SQS.
    Sqs,
    /// Systems Manager.
    Ssm,
    /// STS.
    Sts,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who signs it.
    pub signer: Signer,
    /// The service that receives it.
    pub service: Service,
    /// The HTTP method.
    pub method: Method,
    /// The path and query, already encoded. They are sent without changes.
    pub target: String,
    /// The headers, without those of the signature.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Call {
    fn new(service: Service, method: Method, target: impl Into<String>) -> Self {
        Self {
            signer: Signer::Attacker,
            service,
            method,
            target: target.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Sets the signer.
    #[must_use]
    pub fn by(mut self, signer: Signer) -> Self {
        self.signer = signer;
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the query, or appends to it.
    #[must_use]
    pub fn query(mut self, query: &str) -> Self {
        self.target
            .push(if self.target.contains('?') { '&' } else { '?' });
        self.target.push_str(query);
        self
    }
}

/// Makes a request for an object, by its key in plain text.
pub fn object(method: &str, bucket: &str, key: &str) -> Call {
    raw_object(method, bucket, &encoded(key))
}

/// Makes a request for an object, by an encoded key.
pub fn raw_object(method: &str, bucket: &str, key: &str) -> Call {
    s3(method, &format!("/{bucket}/{key}"))
}

/// Makes a request to S3.
pub fn s3(method: &str, target: &str) -> Call {
    Call::new(Service::S3, verb(method), target)
}

/// Makes a request to a service with a JSON protocol.
pub fn json(service: Service, operation: &str, body: &Value) -> Call {
    let (prefix, version) = match service {
        Service::CognitoIdentity => ("AWSCognitoIdentityService", "1.1"),
        Service::CognitoPool => ("AWSCognitoIdentityProviderService", "1.1"),
        Service::DynamoDbStreams => ("DynamoDBStreams_20120810", "1.0"),
        Service::Kms => ("TrentService", "1.1"),
        Service::Logs => ("Logs_20140328", "1.1"),
        Service::SecretsManager => ("secretsmanager", "1.1"),
        Service::Sqs => ("AmazonSQS", "1.0"),
        Service::Ssm => ("AmazonSSM", "1.1"),
        _ => ("DynamoDB_20120810", "1.0"),
    };
    Call::new(service, Method::POST, "/")
        .header("x-amz-target", format!("{prefix}.{operation}"))
        .header("content-type", format!("application/x-amz-json-{version}"))
        .body(body.to_string())
}

/// Makes a request to `DynamoDB`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "`json!` at the call sites reads better without `&`"
)]
pub fn dynamodb(operation: &str, body: Value) -> Call {
    json(Service::DynamoDb, operation, &body)
}

/// Makes a request to a service with a query protocol.
pub fn form(service: Service, operation: &str, fields: &[(&str, &str)]) -> Call {
    let version = match service {
        Service::CloudFormation => "2010-05-15",
        Service::Iam => "2010-05-08",
        Service::Sns => "2010-03-31",
        _ => "2011-06-15",
    };
    let mut body = format!("Action={operation}&Version={version}");
    for (name, value) in fields {
        body.push('&');
        body.push_str(name);
        body.push('=');
        body.push_str(&encoded(value).replace('/', "%2F"));
    }
    Call::new(service, Method::POST, "/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

/// Makes a request to Lambda.
pub fn lambda(method: &str, path: &str) -> Call {
    Call::new(Service::Lambda, verb(method), path).header("content-type", "application/json")
}

/// Makes a request to the API, with the attacker's id token.
pub fn api(method: &str, target: impl Into<String>) -> Call {
    Call::new(Service::Api, verb(method), target).by(Signer::Token)
}

/// Percent-encodes a part of a path; `/` stays.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEY).to_string()
}

/// Parses an HTTP method. The list has only valid ones.
fn verb(method: &str) -> Method {
    Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET)
}

//! The target of the attacks: everything that differs between the local stack and AWS.

use anyhow::{Context as _, bail};
use aws_config::{Region, SdkConfig};
use aws_credential_types::{Credentials, provider::ProvideCredentials as _};
use local::{
    deploy::{cloudformation, expectation::Deployed, outputs::Outputs, root},
    stack::{Stack, StackOptions},
    users::Users,
};

use crate::call::Service;

/// The name of the local stack in the emulator's CloudFormation.
const LOCAL_STACK: &str = "hikidashi";

/// The kind of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The emulator.
    Local,
    /// A deployed stack, on AWS.
    Aws,
}

/// Base URLs on the local stack. On AWS they follow from the region.
#[derive(Clone, Debug)]
struct LocalUrls {
    s3: String,
    identity: String,
    user_pool: String,
    everything_else: String,
}

/// A deployment: its names and its operator.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it runs.
    pub kind: Kind,
    /// The operator's SDK configuration.
    pub config: SdkConfig,
    /// The outputs of the stack.
    pub outputs: Outputs,
    /// The user pool, with the operator's rights.
    pub users: Users,
    /// The resources of the stack.
    pub resources: Vec<Deployed>,
    /// The stage.
    pub stage: String,
    /// The account's id.
    pub account: String,
    api_url: String,
    local: Option<LocalUrls>,
}

/// Starts a local stack.
pub async fn start_local(options: StackOptions) -> anyhow::Result<(Stack, Target)> {
    let stack = Stack::start(StackOptions {
        // A reconciliation run would otherwise ignore changes of the last quarter of an hour.
        parameters: ["ReconcileGraceSeconds", "ReconcileForeignDays"]
            .map(|name| (name.to_owned(), "0".to_owned()))
            .into(),
        ..options
    })
    .await?;
    let urls = LocalUrls {
        s3: stack.s3_url().to_owned(),
        identity: stack.identity_url().to_owned(),
        user_pool: stack.user_pool_url().to_owned(),
        everything_else: stack.fakecloud_url().to_owned(),
    };
    let resources = cloudformation::resources(stack.sdk_config(), LOCAL_STACK).await?;
    let target = Target::new(
        stack.sdk_config().clone(),
        stack.outputs().clone(),
        resources,
        stack.api_url().to_owned(),
        Some(urls),
    )?;
    Ok((stack, target))
}

/// Finds a stack on AWS.
pub async fn find_on_aws(config: SdkConfig, name: &str) -> anyhow::Result<Target> {
    let outputs = Outputs::from_pairs(cloudformation::outputs_of(&config, name).await?)?;
    // The stack's own region, independent of the environment.
    let region = Region::new(outputs.region.clone());
    let config = config.into_builder().region(region).build();
    let resources = cloudformation::resources(&config, name).await?;
    let api_url = outputs.api_url.clone();
    Target::new(config, outputs, resources, api_url, None)
}

impl Target {
    fn new(
        config: SdkConfig,
        outputs: Outputs,
        resources: Vec<Deployed>,
        api_url: String,
        local: Option<LocalUrls>,
    ) -> anyhow::Result<Self> {
        let stage = outputs
            .table_name
            .strip_prefix("hikidashi-")
            .context("the table's name does not tell the stage")?
            .to_owned();
        // hikidashi-<stage>-<account>-<region>
        let account = outputs
            .bucket_name
            .strip_prefix(&format!("hikidashi-{stage}-"))
            .and_then(|rest| rest.split('-').next())
            .context("the bucket's name does not tell the account")?
            .to_owned();
        Ok(Self {
            kind: if local.is_some() {
                Kind::Local
            } else {
                Kind::Aws
            },
            users: match &local {
                Some(urls) => Users::new(&root::sdk_config(&urls.user_pool), &outputs),
                None => Users::new(&config, &outputs),
            },
            config,
            outputs,
            resources,
            stage,
            account,
            api_url,
            local,
        })
    }

    /// Returns the base URL of a service, without a slash at the end.
    pub fn url(&self, service: Service) -> String {
        if service == Service::Api {
            return self.api_url.clone();
        }
        let region = &self.outputs.region;
        match &self.local {
            Some(urls) => match service {
                Service::S3 => urls.s3.clone(),
                Service::CognitoIdentity => urls.identity.clone(),
                Service::CognitoPool => urls.user_pool.clone(),
                _ => urls.everything_else.clone(),
            },
            None if service == Service::Iam => "https://iam.amazonaws.com".to_owned(),
            None => format!("https://{}.{region}.amazonaws.com", endpoint(service)),
        }
    }

    /// Returns the region of a signature's scope.
    pub fn signing_region(&self, service: Service) -> &str {
        if service == Service::Iam {
            "us-east-1"
        } else {
            &self.outputs.region
        }
    }

    /// Returns the key of the user pool in `Logins`.
    pub fn login_provider(&self) -> String {
        format!(
            "cognito-idp.{}.amazonaws.com/{}",
            self.outputs.region, self.outputs.user_pool_id
        )
    }

    /// Returns a deployed resource's name by its logical id. An ARN is cut to its last part.
    pub fn physical(&self, logical_id: &str) -> anyhow::Result<String> {
        let found = self
            .resources
            .iter()
            .find(|one| one.logical_id == logical_id);
        let Some(found) = found else {
            bail!("the stack has no resource {logical_id}");
        };
        let name = found.physical_id.rsplit('/').next().unwrap_or_default();
        Ok(name.to_owned())
    }

    /// Returns the operator's credentials, for calls that no user may make.
    pub async fn operator(&self) -> anyhow::Result<Credentials> {
        let provider = self.config.credentials_provider();
        let provider = provider.context("no operator's credentials")?;
        Ok(provider.provide_credentials().await?)
    }

    /// Returns a role's ARN by its logical id. Empty if the role is absent, which fails every
    /// attack that uses it.
    pub fn role_arn(&self, logical_id: &str) -> String {
        let name = self.physical(logical_id).unwrap_or_default();
        format!("arn:aws:iam::{}:role/{name}", self.account)
    }

    /// Returns the table's ARN.
    pub fn table_arn(&self) -> String {
        let Outputs {
            region, table_name, ..
        } = &self.outputs;
        format!(
            "arn:aws:dynamodb:{region}:{}:table/{table_name}",
            self.account
        )
    }

    /// Returns a function's full name by its short name.
    pub fn function(&self, name: &str) -> String {
        format!("hikidashi-{}-{name}", self.stage)
    }
}

/// Returns the name of a service in its endpoint.
fn endpoint(service: Service) -> &'static str {
    match service {
        Service::Api => "execute-api",
        Service::CloudFormation => "cloudformation",
        Service::CognitoIdentity => "cognito-identity",
        Service::CognitoPool => "cognito-idp",
        Service::DynamoDb => "dynamodb",
        Service::DynamoDbStreams => "streams.dynamodb",
        Service::Iam => "iam",
        Service::Kms => "kms",
        Service::Lambda => "lambda",
        Service::Logs => "logs",
        Service::S3 => "s3",
        Service::SecretsManager => "secretsmanager",
        Service::Sns => "sns",
        Service::Sqs => "sqs",
        Service::Ssm => "ssm",
        Service::Sts => "sts",
    }
}

/// Returns the name of a service in a signature's scope.
pub fn signing_name(service: Service) -> &'static str {
    match service {
        Service::DynamoDbStreams => "dynamodb",
        other => endpoint(other),
    }
}

"""Types of resources, and which of their properties are read for policies.

A type, or a property of a type that bears policies or opens something, that is not listed here is
refused: what it grants would be missed. `None` is for types of which no property grants anything.
"""

from arns import FORMATS
from refusal import UnknownResource

# Properties that are read by `policies.py` or by `settings.py`, and those that grant nothing.
UNDERSTOOD = {
    "AWS::ApiGatewayV2::Api": "Body",
    "AWS::ApiGatewayV2::Stage": "AccessLogSettings ApiId AutoDeploy DefaultRouteSettings StageName Tags",
    "AWS::Budgets::Budget": None,
    "AWS::CloudFront::Distribution": "DistributionConfig",
    "AWS::CloudFront::OriginAccessControl": "OriginAccessControlConfig",
    "AWS::CloudFront::ResponseHeadersPolicy": None,
    "AWS::CloudWatch::Alarm": None,
    "AWS::CloudWatch::Dashboard": None,
    "AWS::Cognito::IdentityPool": "AllowClassicFlow AllowUnauthenticatedIdentities CognitoIdentityProviders IdentityPoolName OpenIdConnectProviderARNs",
    "AWS::Cognito::IdentityPoolRoleAttachment": "IdentityPoolId RoleMappings Roles",
    "AWS::Cognito::UserPool": (
        "AccountRecoverySetting AdminCreateUserConfig AutoVerifiedAttributes DeletionProtection Policies"
        " UserAttributeUpdateSettings UserPoolName UsernameAttributes UsernameConfiguration"
    ),
    "AWS::Cognito::UserPoolClient": (
        "AccessTokenValidity AllowedOAuthFlows AllowedOAuthFlowsUserPoolClient AllowedOAuthScopes CallbackURLs ClientName"
        " EnableTokenRevocation ExplicitAuthFlows GenerateSecret IdTokenValidity LogoutURLs PreventUserExistenceErrors"
        " RefreshTokenValidity SupportedIdentityProviders TokenValidityUnits UserPoolId"
    ),
    "AWS::Cognito::UserPoolDomain": "Domain UserPoolId",
    "AWS::DynamoDB::Table": (
        "AttributeDefinitions BillingMode DeletionProtectionEnabled GlobalSecondaryIndexes KeySchema LocalSecondaryIndexes"
        " OnDemandThroughput PointInTimeRecoverySpecification ProvisionedThroughput ResourcePolicy SSESpecification TableClass"
        " TableName Tags TimeToLiveSpecification WarmThroughput"
    ),
    "AWS::Events::EventBus": "Description Name Tags",
    "AWS::Events::Rule": "Description Name ScheduleExpression State Targets",
    "AWS::IAM::OIDCProvider": "ClientIdList Url",
    "AWS::IAM::Role": "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Policies RoleName Tags",
    "AWS::Lambda::EventSourceMapping": (
        "BatchSize Enabled EventSourceArn FilterCriteria FunctionName FunctionResponseTypes MaximumBatchingWindowInSeconds"
        " ScalingConfig"
    ),
    "AWS::Lambda::Function": (
        "Architectures Code Description Environment EphemeralStorage FunctionName Handler LoggingConfig MemorySize"
        " ReservedConcurrentExecutions Role Runtime Tags Timeout TracingConfig"
    ),
    "AWS::Lambda::Permission": "Action FunctionName Principal SourceAccount SourceArn",
    "AWS::Logs::LogGroup": "LogGroupClass LogGroupName RetentionInDays Tags",
    "AWS::S3::Bucket": (
        "AccessControl BucketEncryption BucketName CorsConfiguration LifecycleConfiguration MetricsConfigurations"
        " NotificationConfiguration"
        " OwnershipControls PublicAccessBlockConfiguration Tags VersioningConfiguration WebsiteConfiguration"
    ),
    "AWS::S3::BucketPolicy": "Bucket PolicyDocument",
    "AWS::SNS::Subscription": "Endpoint Protocol TopicArn",
    "AWS::SNS::Topic": "DisplayName Tags TopicName",
    "AWS::SNS::TopicPolicy": "PolicyDocument Topics",
    "AWS::SQS::Queue": (
        "MessageRetentionPeriod QueueName ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy SqsManagedSseEnabled Tags"
        " VisibilityTimeout MaximumMessageSize DelaySeconds FifoQueue ContentBasedDeduplication DeduplicationScope"
        " FifoThroughputLimit"
    ),
    "AWS::SQS::QueuePolicy": "PolicyDocument Queues",
}

# Policies depend on all properties of these types. Of the others they depend on the name, if the
# type has an ARN, and on a table's own policy.
WHOLE = {"AWS::IAM::Role", "AWS::Lambda::Permission", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"}


def refuse_unknown_resources(document):
    """Refuses resources that might grant something which is not read."""
    for name, resource in document["Resources"].items():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if kind not in UNDERSTOOD:
            raise UnknownResource(f"{name} ({kind})")
        known = UNDERSTOOD[kind]
        unknown = set(resource.get("Properties", {})) - set(known.split()) if known is not None else ()
        if unknown:
            raise UnknownResource(f"{name} ({kind}): {', '.join(sorted(unknown))}")


def parts_with_policies(document):
    """Yields all parts of resources on which policies depend, with the resources' conditions."""
    for resource in document["Resources"].values():
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind in WHOLE:
            yield resource.get("Condition"), properties
        elif kind in FORMATS:
            names = (FORMATS[kind][0], "ResourcePolicy")
            yield resource.get("Condition"), {name: properties[name] for name in names if name in properties}

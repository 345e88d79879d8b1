"""Names and ARNs of resources, from their properties, as the service authorization reference
defines the formats."""

from text import Unknown, text

PARTITION, REGION, ACCOUNT = (Unknown(f"AWS::{name}") for name in ("Partition", "Region", "AccountId"))


def regional(service, *before):
    return text("arn:", PARTITION, f":{service}:", REGION, ":", ACCOUNT, ":", *before)


# Type: the property that names it, the ARN before the name, and behind it.
FORMATS = {
    "AWS::CloudWatch::Alarm": ("AlarmName", regional("cloudwatch", "alarm:"), ""),
    "AWS::DynamoDB::Table": ("TableName", regional("dynamodb", "table/"), ""),
    "AWS::Events::EventBus": ("Name", regional("events", "event-bus/"), ""),
    "AWS::Events::Rule": ("Name", regional("events", "rule/"), ""),
    "AWS::IAM::Role": ("RoleName", text("arn:", PARTITION, ":iam::", ACCOUNT, ":role/"), ""),
    "AWS::Lambda::Function": ("FunctionName", regional("lambda", "function:"), ""),
    "AWS::Logs::LogGroup": ("LogGroupName", regional("logs", "log-group:"), ":*"),
    "AWS::S3::Bucket": ("BucketName", text("arn:", PARTITION, ":s3:::"), ""),
    "AWS::SNS::Topic": ("TopicName", regional("sns"), ""),
    "AWS::SQS::Queue": ("QueueName", regional("sqs"), ""),
}

# Types of which `Ref` gives the ARN. Of all others it gives the name or the id.
REF_IS_ARN = {"AWS::SNS::Topic", "AWS::IAM::OIDCProvider"}

# Attributes that are the name itself.
NAME_ATTRIBUTES = {("AWS::SQS::Queue", "QueueName"), ("AWS::SNS::Topic", "TopicName"), ("AWS::Events::EventBus", "Name")}

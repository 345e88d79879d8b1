"""What `make deploy` and `make destroy` ask of CloudFormation, beside what `sam` does.

Usage: stack.py about NAME | stack.py destroy NAME [--yes]
"""

import pathlib
import re
import sys

import boto3
from botocore.exceptions import ClientError

# Names under which they are found later, and what they hold.
DATA = {
    "AWS::S3::Bucket": "originals and thumbnails",
    "AWS::DynamoDB::Table": "records",
    "AWS::Cognito::UserPool": "users",
}


def find(cloudformation, name):
    """The stack, or nothing."""
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def pairs(items, key, value):
    return {item[key]: item.get(value, "") for item in items}


def about(name):
    """Says which version is replaced by which. The change set that `sam deploy` shows says what becomes of resources."""
    manifest = pathlib.Path(__file__).parent.parent.joinpath("Cargo.toml").read_text(encoding="utf-8")
    ours = re.search(r'^version = "(.+)"', manifest, re.MULTILINE).group(1)
    stack = find(boto3.client("cloudformation"), name)
    if stack is None:
        print(f"{name} is new; this is version {ours}")
        return
    theirs = pairs(stack.get("Outputs", []), "OutputKey", "OutputValue").get("Version", "an unknown version")
    print(f"{name} is {theirs}, of {stack.get('LastUpdatedTime', stack['CreationTime'])}; this is version {ours}")
    print("The change set that follows says what is replaced: look at its column Replacement. Where a bucket, a table or a")
    print("user pool is replaced, the old one stays with all that it holds, and the new one is empty.")


def empty(bucket):
    """Versions and delete markers too: S3 deletes no bucket that holds any."""
    boto3.resource("s3").Bucket(bucket).object_versions.delete()


def destroy(name, is_sure):
    cloudformation = boto3.client("cloudformation")
    stack = find(cloudformation, name)
    if stack is None:
        sys.exit(f"there is no stack {name} in {cloudformation.meta.region_name}")
    kept = pairs(stack.get("Parameters", []), "ParameterKey", "ParameterValue").get("Data") != "delete"
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    data = [one for one in resources if one["ResourceType"] in DATA]
    for one in data:
        fate = "stays" if kept else "is DELETED"
        print(f"{fate}: {one['PhysicalResourceId']} ({DATA[one['ResourceType']]})")
    if not is_sure and input(f"delete {name}? Type its name: ") != name:
        sys.exit("nothing was deleted")
    if not kept:
        for one in data:
            if one["ResourceType"] == "AWS::S3::Bucket":
                empty(one["PhysicalResourceId"])
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name)
    print(f"{name} is deleted")
    if kept:
        print("What stays is in the way of another stack of this name: delete or rename it, or import it.")


def main(command, name, *flags):
    if command == "about":
        about(name)
    elif command == "destroy":
        destroy(name, "--yes" in flags)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])

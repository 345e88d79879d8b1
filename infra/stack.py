"""The steps of `make deploy` and `make destroy` that `sam` does not do.

Usage: stack.py about NAME | stack.py destroy NAME [--yes]
"""

import pathlib
import re
import sys

import boto3
from botocore.exceptions import ClientError

# Types of the resources that hold data, with descriptions of the data.
DATA = {
    "AWS::S3::Bucket": "originals and thumbnails",
    "AWS::DynamoDB::Table": "records",
    "AWS::Cognito::UserPool": "users",
}


def find(cloudformation, name):
    """Returns the stack, or None."""
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def pairs(items, key, value):
    return {item[key]: item.get(value, "") for item in items}


def about(name):
    """Prints the deployed version and the new one. `sam deploy` shows the changes of resources."""
    manifest = pathlib.Path(__file__).parent.parent.joinpath("Cargo.toml").read_text(encoding="utf-8")
    ours = re.search(r'^version = "(.+)"', manifest, re.MULTILINE).group(1)
    stack = find(boto3.client("cloudformation"), name)
    if stack is None:
        print(f"{name} is new; this is version {ours}")
        return
    theirs = pairs(stack.get("Outputs", []), "OutputKey", "OutputValue").get("Version", "an unknown version")
    print(f"{name} is {theirs}, of {stack.get('LastUpdatedTime', stack['CreationTime'])}; this is version {ours}")
    print("The following change set lists the changes: see its column Replacement. If a bucket, a table or a user")
    print("pool is replaced, the old one is kept with its content, and the new one is empty.")


def empty(bucket):
    """Deletes all objects with their versions and delete markers, so that the bucket can be deleted."""
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
        fate = "is kept" if kept else "is DELETED"
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
        print("The kept resources block a new stack of this name: delete or import them, or choose another name.")


def main(command, name, *flags):
    if command == "about":
        about(name)
    elif command == "destroy":
        destroy(name, "--yes" in flags)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])

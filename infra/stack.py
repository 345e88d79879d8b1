"""The steps of `make deploy` and `make destroy` that `sam` does not do.

Usage:
    stack.py parameters STAGE       prints the stage's parameters, one NAME=value in a line
    stack.py architecture STAGE     prints the architecture that the stage's functions run on
    stack.py check-users STAGE      refuses a user pool's clients or an issuer that can't be used
    stack.py prepare NAME           tells what is deployed, removes what a failed creation left, and
                                    exits with 3 if this is the first deployment
    stack.py execute NAME [--yes]   shows the change set that `sam deploy` has made, refuses to
                                    replace or remove what holds data, and executes it
    stack.py destroy NAME [--yes]   deletes a stack, and lists what stays
"""

import json
import os
import pathlib
import re
import sys
import tomllib
import urllib.request

FOLDER = pathlib.Path(__file__).parent

# Types of the resources that hold data, with descriptions of the data. An identity pool holds the
# identities that own all images.
DATA = {
    "AWS::S3::Bucket": "originals and thumbnails",
    "AWS::DynamoDB::Table": "records",
    "AWS::Cognito::UserPool": "users",
    "AWS::Cognito::IdentityPool": "the identities that own all images",
}

# The inline policy of `hikidashi user block` (tools/cli/src/blocked_users.rs).
BLOCKED_USERS = "blocked-users"

# Statuses of a stack whose creation failed. It has no resources left, and can't be updated.
FAILED_CREATIONS = {"ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"}

FIRST_DEPLOYMENT = 3


def client(service):
    import boto3

    return boto3.client(service)


def find(cloudformation, name):
    """Returns the stack, or None."""
    from botocore.exceptions import ClientError

    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def pairs(items, key, value):
    return {item[key]: item.get(value, "") for item in items}


def parameters(config, stage):
    """Returns the parameters of a stage of samconfig.toml."""
    given = config[stage]["deploy"]["parameters"].get("parameter_overrides", [])
    return dict(pair.split("=", 1) for pair in given)


def config():
    path = os.environ.get("HIKIDASHI_SAMCONFIG") or FOLDER / "samconfig.toml"
    return tomllib.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def default_architecture():
    template = FOLDER.joinpath("template.yaml").read_text(encoding="utf-8")
    return re.search(r"^  Architecture:\n    Type: String\n    Default: (\S+)", template, re.MULTILINE).group(1)


def version():
    manifest = FOLDER.parent.joinpath("Cargo.toml").read_text(encoding="utf-8")
    return re.search(r'^version = "(.+)"', manifest, re.MULTILINE).group(1)


def check_users(given):
    """Exits, with the parameter's name, if the users that the parameters name can't be used."""
    pool, issuer = given.get("UserPoolId", ""), given.get("OidcIssuer", "")
    cognito = client("cognito-idp") if pool else None
    for client_id in filter(None, given.get("UserPoolClientIds", "").split(",")):
        try:
            cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client_id)
        except cognito.exceptions.ClientError as error:
            sys.exit(f"UserPoolClientIds: {pool} has no app client {client_id}: {error}")
    if issuer:
        url = issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                document = json.load(answer)
                named, keys = document["issuer"], document["jwks_uri"]
        except (OSError, ValueError, KeyError) as error:
            sys.exit(f"OidcIssuer: no discovery document at {url}: {error}")
        if named != issuer:
            sys.exit(f"OidcIssuer: {url} names another issuer: {named}")
        if not keys.startswith("https://"):
            sys.exit(f"OidcIssuer: {url} names keys that are not at an https URL: {keys}")


def is_ours(stack):
    """Returns whether a stack was deployed by this project: samconfig.toml tags its stacks.

    A stack of which only a change set was made has no tags yet, and no resources.
    """
    if stack["StackStatus"] == "REVIEW_IN_PROGRESS":
        return True
    return pairs(stack.get("Tags", []), "Key", "Value").get("application") == "hikidashi"


def prepare(name):
    """Prints the deployed version and the new one. Returns whether this is the first deployment."""
    cloudformation = client("cloudformation")
    stack = find(cloudformation, name)
    if stack is not None and not is_ours(stack):
        sys.exit(f"Stage: the stack {name} exists, and is not of this project (it has no tag application=hikidashi)")
    if stack is not None and stack["StackStatus"] in FAILED_CREATIONS:
        print(f"the creation of {name} failed before; removing what is left of it, which holds nothing")
        cloudformation.delete_stack(StackName=name)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=name)
        stack = None
    if stack is None:
        print(f"{name} is new; this is version {version()}")
        return True
    theirs = pairs(stack.get("Outputs", []), "OutputKey", "OutputValue").get("Version", "an unknown version")
    print(f"{name} is {theirs}, of {stack.get('LastUpdatedTime', stack['CreationTime'])}; this is version {version()}")
    return False


def review(changes):
    """Returns the lines that describe a change set's changes, and those that would lose data."""
    lines, losses = [], []
    for change in changes:
        resource = change["ResourceChange"]
        action, kind = resource["Action"], resource["ResourceType"]
        replacement = resource.get("Replacement", "False") if action == "Modify" else "False"
        what = {"True": "Replace", "Conditional": "Replace, perhaps"}.get(replacement, action)
        line = f"{what:<16} {resource['LogicalResourceId']} ({kind})"
        lines.append(line)
        if kind in DATA and (action == "Remove" or replacement != "False"):
            losses.append(f"{line}: holds {DATA[kind]}")
    return lines, losses


def changes_of(cloudformation, name, change_set):
    pages = cloudformation.get_paginator("describe_change_set").paginate(StackName=name, ChangeSetName=change_set)
    return [change for page in pages for change in page["Changes"]]


def pending(cloudformation, name):
    """Returns the name of the newest change set that can be executed, or None."""
    sets = cloudformation.list_change_sets(StackName=name)["Summaries"]
    ready = [one for one in sets if one["ExecutionStatus"] == "AVAILABLE"]
    return max(ready, key=lambda one: one["CreationTime"])["ChangeSetName"] if ready else None


def execute(name, is_sure):
    cloudformation = client("cloudformation")
    change_set = pending(cloudformation, name)
    if change_set is None:
        print(f"{name} has no changes")
        return
    is_new = find(cloudformation, name)["StackStatus"] == "REVIEW_IN_PROGRESS"
    lines, losses = review(changes_of(cloudformation, name, change_set))
    print("\n".join(lines))
    if losses:
        cloudformation.delete_change_set(StackName=name, ChangeSetName=change_set)
        sys.exit("refused, and nothing is changed: this would replace or remove what holds data\n" + "\n".join(losses))
    if not is_sure and input(f"change {name}? [y/N] ") != "y":
        cloudformation.delete_change_set(StackName=name, ChangeSetName=change_set)
        sys.exit("nothing is changed")
    cloudformation.execute_change_set(StackName=name, ChangeSetName=change_set)
    cloudformation.get_waiter("stack_create_complete" if is_new else "stack_update_complete").wait(StackName=name)
    for key, value in pairs(find(cloudformation, name).get("Outputs", []), "OutputKey", "OutputValue").items():
        print(f"{key}={value}")


def empty(bucket):
    """Deletes all objects with their versions and delete markers, so that the bucket can be deleted."""
    import boto3

    boto3.resource("s3").Bucket(bucket).object_versions.delete()


def unblock_all(iam, role):
    """Removes the list of blocked users: CloudFormation can't delete a role with a policy of others."""
    try:
        iam.delete_role_policy(RoleName=role, PolicyName=BLOCKED_USERS)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def destroy(name, is_sure):
    cloudformation = client("cloudformation")
    stack = find(cloudformation, name)
    if stack is None:
        sys.exit(f"there is no stack {name} in {cloudformation.meta.region_name}")
    kept = pairs(stack.get("Parameters", []), "ParameterKey", "ParameterValue").get("Data") != "delete"
    if not is_ours(stack):
        sys.exit(f"the stack {name} is not of this project (it has no tag application=hikidashi)")
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    data = [one for one in resources if one["ResourceType"] in DATA]
    for one in data:
        stays = kept and one["ResourceType"] != "AWS::Cognito::IdentityPool"
        fate = "is kept" if stays else "is DELETED"
        print(f"{fate}: {one['PhysicalResourceId']} ({DATA[one['ResourceType']]})")
    if not is_sure and input(f"delete {name}? Type its name: ") != name:
        sys.exit("nothing was deleted")
    if not kept:
        for one in data:
            if one["ResourceType"] == "AWS::S3::Bucket":
                empty(one["PhysicalResourceId"])
    for one in resources:
        if one["LogicalResourceId"] == "AuthenticatedRole" and unblock_all(client("iam"), one["PhysicalResourceId"]):
            print("the list of blocked users is removed")
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name)
    print(f"{name} is deleted")
    if kept:
        print("The kept resources block a new stack of this name: delete or import them, or choose another name.")


def main(command, name, *flags):
    is_sure = "--yes" in flags
    if command == "parameters":
        for parameter, value in parameters(config(), name).items():
            print(f"{parameter}={value}")
    elif command == "architecture":
        print(parameters(config(), name).get("Architecture", default_architecture()))
    elif command == "check-users":
        check_users(parameters(config(), name))
    elif command == "prepare":
        sys.exit(FIRST_DEPLOYMENT if prepare(name) else 0)
    elif command == "execute":
        execute(name, is_sure)
    elif command == "destroy":
        destroy(name, is_sure)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])

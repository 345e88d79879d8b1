"""Prints the account's quotas that decide what a stage can do, and what to raise.

A quota that is too low is told and stops nothing: a stage for trying runs on a new account.
"""

import sys

# Service, part of the quota's name, and the value below which it is worth raising.
QUOTAS = [
    ("lambda", "Concurrent executions", 200),
    ("cognito-idp", "UserAuthentication", 25),
    ("cognito-identity", "GetId", 25),
]


def advice(name, value, wanted):
    """Returns a line about a quota."""
    if value is None:
        return f"quota={name!r} value=unknown wanted={wanted}"
    verdict = "enough" if value >= wanted else "raise it before you have users"
    return f"quota={name!r} value={value:g} wanted={wanted} verdict={verdict!r}"


def value_of(quotas, service, part):
    """Returns the value of the quota whose name has this part, or None."""
    from botocore.exceptions import ClientError

    for operation in ("list_service_quotas", "list_aws_default_service_quotas"):
        try:
            pages = quotas.get_paginator(operation).paginate(ServiceCode=service)
            found = [one["Value"] for page in pages for one in page["Quotas"] if part in one["QuotaName"]]
        except ClientError:
            continue
        if found:
            return min(found)
    return None


def main():
    import boto3

    quotas = boto3.client("service-quotas")
    for service, part, wanted in QUOTAS:
        print(advice(f"{service}: {part}", value_of(quotas, service, part), wanted))
    limit = boto3.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit <= 10:
        print("This account runs 10 functions at once. A request takes two of them for a moment, an image one.")
    print("Cognito's own e-mail sends 50 messages a day (sign-up, forgotten passwords): use SES for more.")


if __name__ == "__main__":
    sys.exit(main())

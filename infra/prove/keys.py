"""Condition keys that are known, and how many values each has.

A key that is spelled wrong makes a condition that says nothing, so one that is not listed here is
refused. From the service authorization reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/) and from
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
"""

import re


class KnownKeys:
    def __init__(self, single, multiple, families):
        self.single, self.multiple = ({k.lower() for k in keys.split()} for keys in (single, multiple))
        self.written = {k.lower(): k for k in f"{single} {multiple}".split()}
        self.families = re.compile("|".join(families), re.IGNORECASE)

    def knows(self, name):
        return name.lower() in self.single | self.multiple or bool(self.families.fullmatch(name))

    def as_written(self, name):
        """A key's name with capitals, as the documentation has it."""
        return self.written.get(name, name)

    def has_many_values(self, name):
        return name.lower() in self.multiple


KNOWN_KEYS = KnownKeys(
    single="""
        aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:EpochTime aws:FederatedProvider
        aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn
        aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalServiceName aws:PrincipalType
        aws:referer aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:SecureTransport
        aws:SourceAccount aws:SourceArn aws:SourceIdentity aws:SourceIp aws:SourceOrgID
        aws:SourceVpc aws:SourceVpce aws:TokenIssueTime aws:UserAgent aws:userid aws:username
        aws:ViaAWSService aws:VpcSourceIp
        cognito-identity.amazonaws.com:aud cognito-identity.amazonaws.com:sub
        dynamodb:EnclosingOperation dynamodb:FullTableScan dynamodb:ReturnConsumedCapacity
        dynamodb:ReturnValues dynamodb:Select
        lambda:FunctionArn lambda:FunctionUrlAuthType lambda:SourceFunctionArn lambda:Principal
        s3:authType s3:delimiter s3:if-match s3:if-none-match s3:max-keys s3:ObjectCreationOperation
        s3:prefix s3:ResourceAccount s3:signatureAge s3:signatureversion s3:TlsVersion s3:VersionId
        s3:x-amz-acl s3:x-amz-content-sha256 s3:x-amz-copy-source s3:x-amz-metadata-directive
        s3:x-amz-server-side-encryption s3:x-amz-server-side-encryption-aws-kms-key-id
        s3:x-amz-server-side-encryption-customer-algorithm s3:x-amz-storage-class
        s3:x-amz-website-redirect-location
        sns:Endpoint sns:Protocol sts:ExternalId sts:RoleSessionName events:source
    """,
    multiple="""
        aws:CalledVia aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:SourceOrgPaths
        aws:TagKeys cognito-identity.amazonaws.com:amr dynamodb:Attributes dynamodb:LeadingKeys
    """,
    families=["aws:PrincipalTag/[^/]+", "aws:RequestTag/[^/]+", "aws:ResourceTag/[^/]+", "s3:ExistingObjectTag/[^/]+"],
)

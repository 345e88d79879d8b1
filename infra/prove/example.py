"""A deployment to show counterexamples in, and to judge concrete requests in."""

HERE = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "AWS::StackName": "hikidashi-dev",
    "Stage": "dev",
    "IdentityPool": "eu-west-1:99999999-0000-4000-8000-000000000009",
    "GalleryBucket": "hikidashi-gallery-of-dev",
    "GalleryDistribution": "E2EXAMPLE",
    "Api": "a1b2c3d4e5",
    "ReconcileFunctionNightly": "hikidashi-dev-Nightly-1A2B3C",
    "cognito-identity.amazonaws.com:sub": "eu-west-1:aaaaaaaa-0000-4000-8000-00000000000a",
    "another identity": "eu-west-1:bbbbbbbb-0000-4000-8000-00000000000b",
}
ROLE_NAMES = """
    AuthenticatedRole AuthorizerInvokeRole AuthorizerRole UploadRole ImagesRole ThumbnailRole DeadLetterRole ReconcileRole
""".split()
HERE |= {name: f"hikidashi-dev-{name}-1A2B3C" for name in ROLE_NAMES}
# A stage whose name begins as the first's, in the same account and region.
THERE = {
    **HERE,
    "AWS::StackName": "hikidashi-dev-two",
    "Stage": "dev-two",
    "IdentityPool": "eu-west-1:88888888-0000-4000-8000-000000000008",
    "GalleryBucket": "hikidashi-gallery-of-dev-two",
    "Api": "z9y8x7w6v5",
    **{name: f"hikidashi-dev-two-{name}-4D5E6F" for name in ROLE_NAMES},
}

"""Mistakes in the functions' roles, in resource policies, and in what is set beside policies."""

from edits import (
    ATTRIBUTES, BUCKET, EVERY, IF_EXISTS, QUEUE, TABLE, also, api, condition, document, grant, instead, object_of,
    properties, statement, trust,
)

WORKER, NIGHT, LAST = "ThumbnailRole", "ReconcileRole", "DeadLetterRole"
TLS_ON = {"Bool": {"aws:SecureTransport": "true"}}


def let(t, name, principal, action, resource, **more):
    document(t, name).append({"Sid": "Mistake", "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more})


def of_table(t):
    return properties(t, "Table")["ResourcePolicy"]["PolicyDocument"]["Statement"]


def public_route(t):
    for methods in api(t)["paths"].values():
        methods.get("get", {}).pop("security", None)


def authorizer(t):
    return api(t)["components"]["securitySchemes"]["IdToken"]["x-amazon-apigateway-authorizer"]


def an_index(t):
    indexes = properties(t, "Table")["GlobalSecondaryIndexes"]
    indexes.append({**indexes[0], "IndexName": "status", "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}]})


def subscriber(t):
    t["Resources"]["Subscriber"] = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"Protocol": "https", "Endpoint": "https://example.com", "TopicArn": {"Ref": "AlarmTopic"}},
    }


def alarms_by_pattern(t):
    alarms = {"Fn::Sub": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:hikidashi-${Stage}-*"}
    document(t, "AlarmTopicPolicy")[0]["Condition"].pop("ArnEquals")
    document(t, "AlarmTopicPolicy")[0]["Condition"]["ArnLike"] = {"aws:SourceArn": alarms}


def pool(t):
    return properties(t, "IdentityPool")


def client(t):
    return properties(t, "UserPoolClient")


ROLES = [
    ("upload-may-put", "faces-users/UploadRole", lambda t: grant(t, "UploadRole", "s3:PutObject", object_of("*"))),
    ("images-may-query", "faces-users/ImagesRole", lambda t: grant(t, "ImagesRole", "dynamodb:Query", TABLE)),
    ("authorizer-may-do-all-but-delete", "faces-users/AuthorizerRole", lambda t: grant(t, "AuthorizerRole", "s3:*", object_of("*"))),
    ("upload-writes-every-log", "closed/UploadRole", lambda t: grant(t, "UploadRole", "logs:PutLogEvents", "*")),
    ("worker-reads-thumbnails", "no-loop/ThumbnailRole", lambda t: instead(statement(t, WORKER, "ReadOriginals"), "/original-files/${Stage}/*", "/*")),
    ("worker-writes-originals", "worker-s-objects", lambda t: instead(statement(t, WORKER, "WriteThumbnails"), "/thumbnails/", "/*/")),
    ("worker-writes-everywhere", "no-loop/ThumbnailRole", lambda t: instead(statement(t, WORKER, "WriteThumbnails"), "/thumbnails/${Stage}/*", "/*")),
    ("worker-writes-captions", "writes-ask-no-user/ThumbnailRole", lambda t: condition(t, WORKER, "CompleteRecords")[EVERY][ATTRIBUTES].append("caption")),
    ("worker-without-attributes", "closed/ThumbnailRole", lambda t: condition(t, WORKER, "CompleteRecords")["Null"].pop(ATTRIBUTES)),
    ("worker-gets-records-back", "writes-return-nothing/ThumbnailRole", lambda t: condition(t, WORKER, "CompleteRecords").pop(IF_EXISTS)),
    ("worker-gets-removed-records", "writes-return-nothing/ThumbnailRole", lambda t: condition(t, WORKER, "RemoveRecords").pop(IF_EXISTS)),
    ("worker-asks-captions", "writes-ask-no-user/ThumbnailRole", lambda t: condition(t, WORKER, "RemoveRecords").pop(EVERY)),
    ("worker-reads-records", "worker-reads-counters-only", lambda t: also(statement(t, WORKER, "RemoveRecords"), "dynamodb:GetItem")),
    ("worker-queries", "worker-reads-counters-only", lambda t: also(statement(t, WORKER, "ReadCounters"), "dynamodb:Query")),
    ("worker-reads-whole-records", "worker-reads-counters-only", lambda t: condition(t, WORKER, "ReadCounters").pop(IF_EXISTS)),
    ("worker-sets-quotas", "usage-counters-only/ThumbnailRole", lambda t: condition(t, WORKER, "CountUsage")[EVERY][ATTRIBUTES].append("maxBytes")),
    ("worker-lets-usage-expire", "usage-counters-only/ThumbnailRole", lambda t: condition(t, WORKER, "CompleteRecords").pop("ForAllValues:StringNotLike")),
    ("last-removes-usage", "usage-counters-only/DeadLetterRole", lambda t: condition(t, LAST, "RemoveRecords").pop("ForAllValues:StringNotLike")),
    ("night-sets-quotas", "usage-counters-only/ReconcileRole", lambda t: condition(t, NIGHT, "CountUsage")[EVERY][ATTRIBUTES].append("maxImages")),
    ("worker-passes-roles", "governs-nothing/ThumbnailRole", lambda t: grant(t, WORKER, "iam:PassRole", "*")),
    ("worker-decrypts", "governs-nothing/ThumbnailRole", lambda t: grant(t, WORKER, "kms:Decrypt", "*")),
    ("worker-opens-the-bucket", "governs-nothing/ThumbnailRole", lambda t: grant(t, WORKER, "s3:PutBucket*", BUCKET)),
    ("worker-of-every-stage", "other-stages/ThumbnailRole", lambda t: instead(statement(t, WORKER, "ReadOriginals"), "hikidashi-${Stage}-", "hikidashi-*-")),
    ("worker-reads-dead-letters", "closed/ThumbnailRole", lambda t: grant(t, WORKER, "sqs:ReceiveMessage", {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]})),
    ("worker-purges", "closed/ThumbnailRole", lambda t: grant(t, WORKER, "sqs:*", QUEUE)),
    ("dead-letters-write-thumbnails", "closed/DeadLetterRole", lambda t: also(statement(t, LAST, "RemoveThumbnails"), "s3:PutObject")),
    ("dead-letters-remove-originals", "no-loop/DeadLetterRole", lambda t: instead(statement(t, LAST, "RemoveThumbnails"), "/thumbnails/", "/original-files/")),
    ("dead-letters-get-records-back", "writes-return-nothing/DeadLetterRole", lambda t: condition(t, LAST, "RemoveRecords").pop(IF_EXISTS)),
    ("dead-letters-ask-captions", "writes-ask-no-user/DeadLetterRole", lambda t: condition(t, LAST, "RemoveRecords").pop(EVERY)),
    ("reconciliation-reads-captions", "reconciliation-reads-no-caption", lambda t: condition(t, NIGHT, "ReadWorkersHalf")[EVERY][ATTRIBUTES].append("caption")),
    ("reconciliation-reads-places", "reconciliation-reads-no-caption", lambda t: condition(t, NIGHT, "ReadWorkersHalf")[EVERY][ATTRIBUTES].append("latitude")),
    ("reconciliation-reads-whole-records", "reconciliation-reads-no-caption", lambda t: condition(t, NIGHT, "ReadWorkersHalf").pop("Null")),
    ("reconciliation-selects-all", "reconciliation-reads-no-caption", lambda t: condition(t, NIGHT, "ReadWorkersHalf").pop(IF_EXISTS)),
    ("reconciliation-gets-records-back", "writes-return-nothing/ReconcileRole", lambda t: condition(t, NIGHT, "RemoveRecords").pop(IF_EXISTS)),
    ("reconciliation-asks-captions", "writes-ask-no-user/ReconcileRole", lambda t: condition(t, NIGHT, "RemoveRecords").pop(EVERY)),
    ("reconciliation-reads-images", "reconciliation-sees-no-image", lambda t: instead(statement(t, NIGHT, "KeepBookmark"), "/reconcile/${Stage}/checkpoint", "/*")),
    ("reconciliation-writes-originals", "reconciliation-changes-no-original", lambda t: also(statement(t, NIGHT, "RemoveOriginals"), "s3:PutObject")),
    ("reconciliation-removes-everything", "closed/ReconcileRole", lambda t: instead(statement(t, NIGHT, "RemoveThumbnails"), "/thumbnails/", "/*/")),
    ("reconciliation-removes-versions", "reconciliation-changes-no-original", lambda t: also(statement(t, NIGHT, "RemoveOriginals"), "s3:DeleteObjectVersion")),
    ("reconciliation-sends-to-every-queue", "closed/ReconcileRole", lambda t: statement(t, NIGHT, "SendJobs").update(Resource="*")),
    ("worker-s-role-for-everybody", "trust/ThumbnailRole", lambda t: trust(t, WORKER).update(Principal={"AWS": "*"})),
    ("worker-s-role-for-ec2", "trust/ThumbnailRole", lambda t: trust(t, WORKER).update(Principal={"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]})),
    ("worker-s-role-tagged", "trust/ThumbnailRole", lambda t: trust(t, WORKER).update(Action=["sts:AssumeRole", "sts:TagSession"])),
]

RESOURCES = [
    ("a-public-bucket", "roles-alone-reach-data", lambda t: let(t, "BucketPolicy", "*", "s3:GetObject", object_of("thumbnails/*"))),
    ("a-bucket-for-an-account", "resources-let-in-services", lambda t: let(t, "BucketPolicy", {"AWS": "arn:aws:iam::999999999999:root"}, "s3:*", object_of("*"))),
    ("a-bucket-for-cloudfront", "roles-alone-reach-data", lambda t: let(t, "BucketPolicy", {"Service": "cloudfront.amazonaws.com"}, "s3:GetObject", object_of("*"))),
    ("a-gallery-for-every-distribution", "resources-let-in-services", lambda t: document(t, "GalleryBucketPolicy")[0].pop("Condition")),
    ("no-bucket-policy", "tls/Bucket", lambda t: t["Resources"].pop("BucketPolicy")),
    ("tls-of-the-bucket-not-of-objects", "tls/Bucket", lambda t: document(t, "BucketPolicy")[0].update(Resource=BUCKET)),
    ("tls-of-reads", "tls/Bucket", lambda t: document(t, "BucketPolicy")[0].update(Action="s3:Get*")),
    ("tls-the-wrong-way-round", "tls/Bucket", lambda t: document(t, "BucketPolicy")[0].update(Condition=TLS_ON)),
    ("tls-of-one-account", "tls/Bucket", lambda t: document(t, "BucketPolicy")[0].update(Principal={"AWS": "arn:aws:iam::123456789012:root"})),
    ("tls-with-another-condition", "tls/Bucket", lambda t: document(t, "BucketPolicy")[0]["Condition"].update({"StringEquals": {"aws:PrincipalType": "User"}})),
    ("tls-of-the-gallery", "tls/GalleryBucket", lambda t: document(t, "GalleryBucketPolicy").pop()),
    ("a-table-over-plain-http", "tls/Table", lambda t: properties(t, "Table").pop("ResourcePolicy")),
    ("tls-of-the-table-not-of-indexes", "tls/Table", lambda t: of_table(t)[0]["Resource"].pop()),
    ("a-table-for-everybody", "roles-alone-reach-data", lambda t: of_table(t).append({"Effect": "Allow", "Principal": "*", "Action": "dynamodb:Scan", "Resource": "*"})),
    ("events-over-plain-http", "tls/EventsQueue", lambda t: document(t, "EventsQueuePolicy").pop()),
    ("a-queue-over-plain-http", "tls/Queue", lambda t: t["Resources"].pop("QueuePolicy")),
    ("dead-letters-over-plain-http", "tls/DeadLetterQueue", lambda t: t["Resources"].pop("DeadLetterQueuePolicy")),
    ("tls-of-another-queue", "tls/RetryQueue", lambda t: document(t, "RetryQueuePolicy")[0].update(Resource=QUEUE)),
    ("tls-for-sending-only", "tls/UnreadableQueue", lambda t: document(t, "UnreadableQueuePolicy")[0].update(Action="sqs:SendMessage")),
    ("alarms-over-plain-http", "tls/AlarmTopic", lambda t: document(t, "AlarmTopicPolicy").pop()),
    ("a-queue-for-every-bucket", "resources-let-in-services", lambda t: document(t, "EventsQueuePolicy")[0].pop("Condition")),
    ("a-queue-for-buckets-of-the-name", "resources-let-in-services", lambda t: document(t, "EventsQueuePolicy")[0]["Condition"].pop("StringEquals")),
    ("a-queue-if-a-source-is-said", "resources-let-in-services", lambda t: document(t, "EventsQueuePolicy")[0]["Condition"].update({"ArnEqualsIfExists": document(t, "EventsQueuePolicy")[0]["Condition"].pop("ArnEquals")})),
    ("a-queue-for-everybody", "resources-let-in-services", lambda t: document(t, "EventsQueuePolicy")[0].update(Principal="*", Condition={})),
    ("alarms-by-pattern", "alarms-of-this-stage", alarms_by_pattern),
    ("alarms-of-every-account", "resources-let-in-services", lambda t: document(t, "AlarmTopicPolicy")[0]["Condition"].pop("StringEquals")),
    ("a-function-for-everybody", "resources-let-in-services", lambda t: properties(t, "ImagesFunctionListPermission").update(Principal="*")),
    ("a-function-for-every-api", "resources-let-in-services", lambda t: properties(t, "ImagesFunctionListPermission").pop("SourceArn")),
    ("a-function-for-every-stage-s-api", "resources-let-in-services", lambda t: properties(t, "UploadFunctionUploadPermission").update(SourceArn={"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*"})),
]

SET = [
    ("no-public-access-block", "private-buckets", lambda t: properties(t, "Bucket").pop("PublicAccessBlockConfiguration")),
    ("policies-may-be-public", "private-buckets", lambda t: properties(t, "GalleryBucket")["PublicAccessBlockConfiguration"].update(RestrictPublicBuckets=False)),
    ("objects-with-acls", "private-buckets", lambda t: properties(t, "Bucket")["OwnershipControls"]["Rules"][0].update(ObjectOwnership="ObjectWriter")),
    ("a-public-acl", "private-buckets", lambda t: properties(t, "Bucket").update(AccessControl="PublicRead")),
    ("a-website", "private-buckets", lambda t: properties(t, "Bucket").update(WebsiteConfiguration={"IndexDocument": "index.html"})),
    ("cors-for-everybody", "cors-of-buckets", lambda t: properties(t, "Bucket")["CorsConfiguration"]["Fn::If"][1]["CorsRules"][0].update(AllowedOrigins=["*"])),
    ("events-to-a-topic", "events-to-our-queue", lambda t: properties(t, "Bucket")["NotificationConfiguration"].update(TopicConfigurations=[{"Event": "s3:ObjectCreated:*", "Topic": {"Ref": "AlarmTopic"}}])),
    ("events-of-thumbnails", "events-to-our-queue", lambda t: properties(t, "Bucket")["NotificationConfiguration"]["QueueConfigurations"][0].pop("Filter")),
    ("an-index-by-status", "partitions-are-identities", an_index),
    ("upload-with-the-worker-s-role", "functions-have-their-own-roles", lambda t: properties(t, "UploadFunction").update(Role={"Fn::GetAtt": ["ThumbnailRole", "Arn"]})),
    ("worker-of-another-queue", "known-triggers", lambda t: properties(t, "ThumbnailFunctionJobs").update(EventSourceArn={"Fn::GetAtt": ["DeadLetterQueue", "Arn"]})),
    ("a-rule-starts-the-worker", "known-triggers", lambda t: properties(t, "ReconcileFunctionNightly")["Targets"].append({"Id": "x", "Arn": {"Fn::GetAtt": ["ThumbnailFunction", "Arn"]}})),
    ("another-subscriber", "known-subscribers", subscriber),
    ("the-gallery-serves-images", "gallery-serves-its-bucket", lambda t: properties(t, "GalleryDistribution")["DistributionConfig"]["Origins"][0].update(DomainName={"Fn::GetAtt": ["Bucket", "RegionalDomainName"]})),
    ("guests", "identity-pool", lambda t: pool(t).update(AllowUnauthenticatedIdentities=True)),
    ("the-classic-flow", "identity-pool", lambda t: pool(t).update(AllowClassicFlow=True)),
    ("tokens-that-were-revoked", "identity-pool", lambda t: pool(t)["CognitoIdentityProviders"]["Fn::If"][2][0].update(ServerSideTokenCheck=False)),
    ("another-provider", "identity-pool", lambda t: pool(t)["CognitoIdentityProviders"]["Fn::If"][2].append({"ClientId": "x", "ProviderName": "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x", "ServerSideTokenCheck": True})),
    ("a-token-chooses-its-role", "one-role-for-users", lambda t: properties(t, "IdentityPoolRoles").update(RoleMappings={"pool": {"Type": "Token"}})),
    ("a-role-for-guests", "one-role-for-users", lambda t: properties(t, "IdentityPoolRoles")["Roles"].update(unauthenticated={"Fn::GetAtt": ["AuthenticatedRole", "Arn"]})),
    ("users-with-the-worker-s-role", "one-role-for-users", lambda t: properties(t, "IdentityPoolRoles")["Roles"].update(authenticated={"Fn::GetAtt": ["ThumbnailRole", "Arn"]})),
    ("passwords-to-the-api", "app-client", lambda t: client(t)["ExplicitAuthFlows"].append("ALLOW_USER_PASSWORD_AUTH")),
    ("the-implicit-flow", "app-client", lambda t: client(t)["AllowedOAuthFlows"]["Fn::If"][1].append("implicit")),
    ("tokens-for-a-day", "app-client", lambda t: client(t)["TokenValidityUnits"].update(IdToken="hours")),
    ("users-with-a-case", "user-pool", lambda t: properties(t, "UserPool")["UsernameConfiguration"].update(CaseSensitive=True)),
    ("a-route-without-authorizer", "routes-are-authorized", public_route),
    ("a-route-for-everybody", "routes-are-authorized", lambda t: api(t)["paths"]["/images"]["get"].update(security=[])),
    ("a-route-to-the-worker", "routes-are-authorized", lambda t: api(t)["paths"]["/upload"]["post"]["x-amazon-apigateway-integration"].update(uri={"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${ThumbnailFunction.Arn}/invocations"})),
    ("an-authorizer-that-remembers", "routes-are-authorized", lambda t: authorizer(t).update(authorizerResultTtlInSeconds=300)),
]

MISTAKES = ROLES + RESOURCES + SET

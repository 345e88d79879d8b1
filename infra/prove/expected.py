"""What each role may do: the table that the template is proved against.

A right that the template grants and this table lacks is a counterexample; one that this table has
and the template does not grant is a control that fails. A new role, or a new right, is a line
here.
"""

import dataclasses

import smt
from text import text

# The attributes of a record, by their writer (common/src/attribute.rs).
RECORD_KEYS = ["identityId", "imageId"]
USERS_HALF = ["fileName", "contentType", "size", "uploadedAt", "caption"]
WORKERS_HALF = (
    "status width height format thumbnails thumbhash dominantColour isAnimated sha256 failure sequencer processedAt original"
    " variantSet factSet takenAt takenKey cameraMake cameraModel latitude longitude countedBytes"
).split()
# What an image looks like, and where and when it was taken: the reconciliation reads none of it.
SHOWN_IN_IT = "thumbhash dominantColour isAnimated takenAt takenKey cameraMake cameraModel latitude longitude".split()
SHARED = ["expiresAt"]
# Of a usage item, beside its key.
COUNTERS = ["bytes", "images", "updatedAt"]
QUOTA = ["maxBytes", "maxImages"]
# Its partition is this and an identity.
USAGE = smt.quoted("usage#")

# The names of what is uploaded: a UUIDv7 and an extension (common/media/src/media_type.rs).
EXTENSIONS = "jpg png webp gif heic avif".split()
UPLOADED = ["????????-????-7???-????-????????????." + extension for extension in EXTENSIONS]

# --- places: functions of the stack and the request ---


def own(folder):
    return lambda stack, request: stack.folder(request, folder, request.sub)


def everybodys(folder):
    return lambda stack, request: stack.folder(request, folder)


def own_image(stack, request):
    """An object below the user's own prefix whose name is an image id and an extension of uploads."""
    return stack.named(request, "original-files", request.sub, UPLOADED)


def one_object(folder, name):
    return lambda stack, request: stack.object(request, folder, name)


def the(logical):
    return lambda stack, request: stack.is_(request, logical)


def indexes_of(table):
    return lambda stack, request: stack.inside(request, table, "/index/")


def index(table, name):
    def place(stack, request):
        return smt.equal(request.resource, stack.world.said(text(stack.arn(table), f"/index/{name}")))

    return place


def table_and_indexes(table):
    return lambda stack, request: smt.either(the(table)(stack, request), indexes_of(table)(stack, request))


def log(logical):
    def place(stack, request):
        *before, last = stack.policies.resolver.arn(stack.needs(logical))
        return smt.prefix(stack.world.said((*before, last.removesuffix("*"))), request.resource)

    return place


def anything(_stack, _request):
    return smt.TRUE


# --- rules: functions of the request ---


def leading_key_is_own(request):
    """The request names a partition, and none but the user's own."""
    key = request.key("dynamodb:LeadingKeys")
    return smt.both(key.present, key.all(lambda value: smt.equal(value, request.sub)))


def leading_key_is_own_usage(request):
    """The request names a partition, and none but that of the user's own usage."""
    key = request.key("dynamodb:LeadingKeys")
    return smt.both(key.present, key.all(lambda value: smt.equal(value, smt.concat(USAGE, request.sub))))


def leading_key_is_a_usage(request):
    """The request names a partition, and none but of usage items."""
    key = request.key("dynamodb:LeadingKeys")
    return smt.both(key.present, key.all(lambda value: smt.prefix(USAGE, value)))


def leading_key_is_no_usage(request):
    """The request names a partition, and none of a usage item."""
    key = request.key("dynamodb:LeadingKeys")
    return smt.both(key.present, key.all(lambda value: smt.negated(smt.prefix(USAGE, value))))


def names_only(attributes):
    """The request names attributes, and these only."""
    names = list(attributes)

    def rule(request):
        key = request.key("dynamodb:Attributes")
        return smt.both(key.present, key.all(lambda value: smt.one_of(value, names)))

    return rule


def asks_only_about(attributes):
    """If the request names attributes, it names these only."""
    names = list(attributes)
    return lambda request: request.key("dynamodb:Attributes").all(lambda value: smt.one_of(value, names))


def returns_only(*values):
    return lambda request: request.key("dynamodb:ReturnValues").all(lambda value: smt.one_of(value, values))


def selects_attributes(request):
    return request.key("dynamodb:Select").all(lambda value: smt.equal(value, smt.quoted("SPECIFIC_ATTRIBUTES")))


def worker_can_read(request):
    """The object is stored in a class, and with a key, that the worker can read."""
    storage, encryption = request.key("s3:x-amz-storage-class"), request.key("s3:x-amz-server-side-encryption")
    customer = request.key("s3:x-amz-server-side-encryption-customer-algorithm")
    key_of_kms = request.key("s3:x-amz-server-side-encryption-aws-kms-key-id")
    return smt.both(
        storage.all(lambda value: smt.equal(value, '"STANDARD"')),
        encryption.all(lambda value: smt.equal(value, '"AES256"')),
        smt.negated(customer.present),
        smt.negated(key_of_kms.present),
    )


def makes_an_object(request):
    """The request makes a whole object: it neither begins an upload in parts nor adds to one."""
    return request.key("s3:ObjectCreationOperation").any(lambda value: smt.equal(value, '"true"'))


def copies_own_originals(stack):
    """If the request is a copy, it is one of an original of the user's."""

    def rule(request):
        source = request.key("s3:x-amz-copy-source")
        heads = [stack.source(request, "original-files", slash) for slash in ("", "/")]
        return source.all(lambda value: smt.either(*(smt.prefix(head, value) for head in heads)))

    return rule


@dataclasses.dataclass(frozen=True)
class Grant:
    """A right: actions, where, and under which rules."""

    actions: str
    place: object
    rules: tuple = ()
    rules_of_stack: tuple = ()

    def covers(self, stack, request):
        rules = [*self.rules, *(rule(stack) for rule in self.rules_of_stack)]
        return smt.both(self.asks(request), self.place(stack, request), *(rule(request) for rule in rules))

    def asks(self, request):
        return smt.one_of(request.action, self.actions.split())


def logs_and_traces(group):
    return [
        Grant("logs:createlogstream logs:putlogevents", log(group)),
        Grant("xray:puttracesegments xray:puttelemetryrecords", anything),
    ]


def consumes(*queues):
    return [Grant("sqs:receivemessage sqs:deletemessage sqs:getqueueattributes", the(queue)) for queue in queues]


COMPLETES = Grant(
    "dynamodb:updateitem",
    the("Table"),
    (leading_key_is_no_usage, names_only(RECORD_KEYS + WORKERS_HALF + SHARED), returns_only("NONE")),
)
REMOVES = Grant(
    "dynamodb:deleteitem",
    the("Table"),
    (
        leading_key_is_no_usage,
        asks_only_about([*RECORD_KEYS, "sequencer", "original", "countedBytes"]),
        returns_only("NONE"),
    ),
)
READS_COUNTERS = Grant(
    "dynamodb:getitem",
    the("Table"),
    (names_only([*RECORD_KEYS, "status", "failure", "countedBytes", *COUNTERS, *QUOTA]), selects_attributes),
)
COUNTS = Grant(
    "dynamodb:updateitem",
    the("Table"),
    (leading_key_is_a_usage, names_only(RECORD_KEYS + COUNTERS), returns_only("NONE")),
)
PUBLISHES = Grant("events:putevents", the("EventBus"))

ROLES = {
    "AuthenticatedRole": [
        Grant("s3:getobject s3:deleteobject", own("original-files")),
        Grant("s3:putobject", own_image, (worker_can_read, makes_an_object), (copies_own_originals,)),
        Grant("s3:getobject", own("thumbnails")),
        Grant("dynamodb:getitem", the("Table"), (leading_key_is_own,)),
        Grant("dynamodb:getitem", the("Table"), (leading_key_is_own_usage,)),
        Grant("dynamodb:query", the("Table"), (leading_key_is_own,)),
        Grant("dynamodb:query", index("Table", "taken"), (leading_key_is_own,)),
        Grant(
            "dynamodb:updateitem",
            the("Table"),
            (
                leading_key_is_own,
                names_only(RECORD_KEYS + USERS_HALF + SHARED),
                returns_only("NONE", "UPDATED_OLD", "UPDATED_NEW"),
            ),
        ),
    ],
    "AuthorizerInvokeRole": [Grant("lambda:invokefunction", the("AuthorizerFunction"))],
    "AuthorizerRole": logs_and_traces("AuthorizerLog"),
    "UploadRole": logs_and_traces("UploadLog"),
    "ImagesRole": logs_and_traces("ImagesLog"),
    "DispatchRole": [
        *logs_and_traces("DispatchLog"),
        *consumes("EventsQueue"),
        Grant("sqs:sendmessage", the("Queue")),
    ],
    "ThumbnailRole": [
        *logs_and_traces("ThumbnailLog"),
        *consumes("Queue", "RetryQueue"),
        Grant("s3:getobject", everybodys("original-files")),
        Grant("s3:putobject s3:deleteobject", everybodys("thumbnails")),
        Grant("s3:listbucket", the("Bucket")),
        COMPLETES,
        REMOVES,
        READS_COUNTERS,
        COUNTS,
        PUBLISHES,
    ],
    "DeadLetterRole": [
        *logs_and_traces("DeadLetterLog"),
        *consumes("DeadLetterQueue"),
        Grant("s3:getobject", everybodys("original-files")),
        Grant("s3:deleteobject", everybodys("thumbnails")),
        Grant("s3:listbucket", the("Bucket")),
        COMPLETES,
        REMOVES,
        READS_COUNTERS,
        COUNTS,
        PUBLISHES,
    ],
    "ReconcileRole": [
        *logs_and_traces("ReconcileLog"),
        Grant("sqs:sendmessage", the("Queue")),
        Grant("s3:listbucket", the("Bucket")),
        Grant("s3:deleteobject", everybodys("thumbnails")),
        # Those beyond their users' quotas, and objects among them that are none.
        Grant("s3:deleteobject", everybodys("original-files")),
        Grant("s3:getobject s3:putobject", one_object("reconcile", "checkpoint")),
        Grant(
            "dynamodb:batchgetitem dynamodb:scan",
            the("Table"),
            (
                names_only(RECORD_KEYS + SHARED + [name for name in WORKERS_HALF if name not in SHOWN_IN_IT]),
                selects_attributes,
            ),
        ),
        Grant(
            "dynamodb:deleteitem",
            the("Table"),
            (
                leading_key_is_no_usage,
                asks_only_about([*RECORD_KEYS, *SHARED, "status", "sequencer", "processedAt", "countedBytes"]),
                returns_only("NONE"),
            ),
        ),
        Grant(
            "dynamodb:getitem dynamodb:query",
            the("Table"),
            (names_only([*RECORD_KEYS, "countedBytes", *COUNTERS, *QUOTA]), selects_attributes),
        ),
        Grant(
            "dynamodb:updateitem",
            the("Table"),
            (
                leading_key_is_no_usage,
                names_only([*RECORD_KEYS, "countedBytes"]),
                returns_only("NONE"),
            ),
        ),
        COUNTS,
    ],
}

# Roles whose functions answer users. They hold no right to data.
FACE_USERS = ["AuthorizerRole", "UploadRole", "ImagesRole"]

# Role: the service that takes it. The users' role is Cognito's.
TAKEN_BY = {
    "AuthorizerInvokeRole": "apigateway.amazonaws.com",
    **dict.fromkeys(
        ["AuthorizerRole", "UploadRole", "ImagesRole", "DispatchRole", "ThumbnailRole", "DeadLetterRole", "ReconcileRole"],
        "lambda.amazonaws.com",
    ),
}

# What holds images, records, or messages about them, or announces faults.
OVER_TLS = {
    "Bucket": "s3",
    "Table": "dynamodb",
    "EventsQueue": "sqs",
    "Queue": "sqs",
    "RetryQueue": "sqs",
    "DeadLetterQueue": "sqs",
    "UnreadableQueue": "sqs",
}

"""What the functions' roles can do, and what every role is kept from."""

import smt
from expected import COUNTERS, FACE_USERS, QUOTA, RECORD_KEYS, ROLES, SHOWN_IN_IT, USAGE, USERS_HALF
from theorem import Control, Theorem
from theorems_users import of_service

# Services that decide who may do what.
GOVERNING = [
    "iam", "sts", "cognito-identity", "cognito-idp", "kms", "cloudformation", "organizations", "sso", "identitystore",
]
# Actions of other services that open a resource, or change what a function does.
OPENING = """
    s3:putbucketpolicy s3:deletebucketpolicy s3:putbucketacl s3:putobjectacl s3:putbucketpublicaccessblock
    s3:putbucketownershipcontrols s3:putbucketnotification s3:putreplicationconfiguration s3:putbucketcors
    s3:putbucketwebsite s3:putlifecycleconfiguration s3:createaccesspoint s3:putaccesspointpolicy
    dynamodb:putresourcepolicy dynamodb:deleteresourcepolicy dynamodb:exporttabletopointintime
    sqs:addpermission sqs:removepermission sqs:setqueueattributes sns:addpermission sns:settopicattributes sns:subscribe
    lambda:addpermission lambda:updatefunctioncode lambda:updatefunctionconfiguration lambda:createfunction
    lambda:createfunctionurlconfig events:putpermission events:puttargets events:putrule logs:putresourcepolicy
    logs:putsubscriptionfilter
""".split()
DATA = ["s3", "dynamodb", "sqs", "sns"]
REMOVERS = ["ThumbnailRole", "DeadLetterRole", "ReconcileRole"]
READS = ["dynamodb:batchgetitem", "dynamodb:scan", "dynamodb:getitem", "dynamodb:query"]


def granted(stack, role):
    """One control for each right of the table: the template grants it."""
    ask = stack.ask(role)
    return [
        Control(f"{role} has {grant.actions}", ask, lambda r, g=grant, a=action: smt.both(smt.equal(r.action, smt.quoted(a)), g.covers(stack, r)))
        for grant in ROLES[role]
        for action in grant.actions.split()
    ]


def theorems(stack):
    for role in stack.policies.roles:
        yield closed(stack, role)
        yield Theorem(
            f"governs-nothing/{role}",
            f"{role} reaches nothing that decides who may do what",
            [stack.ask(role)],
            lambda r: smt.either(smt.one_of(r.action, OPENING), *(of_service(service, r) for service in GOVERNING)),
            granted(stack, role)[:1] if role in ROLES else [],
        )
    for role in FACE_USERS:
        yield Theorem(
            f"faces-users/{role}",
            f"{role}, which answers users, has no right to objects, records or messages",
            [stack.ask(stack.needs(role))],
            lambda r: smt.either(*(of_service(service, r) for service in DATA)),
            granted(stack, role)[:1],
        )
    for role in ("ThumbnailRole", "DeadLetterRole"):
        yield no_loop(stack, stack.needs(role))
    for role in REMOVERS:
        yield from removals(stack, role)
    yield from reconciliation(stack)
    yield from worker(stack)


def closed(stack, role):
    grants = ROLES.get(role, [])

    def bad(request):
        return smt.negated(smt.either(*(g.covers(stack, request) for g in grants if g.asks(request) != smt.FALSE and known(stack, g, request))))

    return Theorem(
        f"closed/{role}",
        f"{role} may do what the table of expected.py says, and nothing else",
        [stack.ask(role)],
        bad,
        granted(stack, role) if grants else [],
    )


def known(stack, grant, request):
    """Whether the place of a right exists in this variant of the template."""
    try:
        grant.place(stack, request)
    except LookupError:
        return False
    return True


def no_loop(stack, role):
    reads, changes = stack.ask(role), stack.ask(role, "@again")

    def bad(read, change):
        changing = ["s3:putobject", "s3:deleteobject"]
        return smt.both(
            smt.equal(read.action, '"s3:getobject"'), smt.one_of(change.action, changing), smt.equal(read.resource, change.resource)
        )

    return Theorem(
        f"no-loop/{role}",
        f"{role} reads no object that it can change, and changes none that it can read",
        [reads, changes],
        bad,
        [
            Control("it reads an original", reads, lambda r: smt.both(smt.equal(r.action, '"s3:getobject"'), stack.folder(r, "original-files"))),
            Control("it removes a thumbnail", changes, lambda r: smt.both(smt.equal(r.action, '"s3:deleteobject"'), stack.folder(r, "thumbnails"))),
        ],
    )


def removals(stack, role):
    ask = stack.ask(stack.needs(role))

    def writes(request):
        return smt.both(of_service("dynamodb", request), smt.negated(smt.one_of(request.action, READS)))

    def users(request):
        return request.key("dynamodb:Attributes").any(lambda value: smt.one_of(value, USERS_HALF))

    removes = Control(f"{role} removes a record", ask, lambda r: smt.equal(r.action, '"dynamodb:deleteitem"'))
    yield Theorem(
        f"writes-return-nothing/{role}",
        f"no write of {role}'s returns what it changes or removes",
        [ask],
        lambda r: smt.both(writes(r), r.key("dynamodb:ReturnValues").any(lambda value: smt.negated(smt.equal(value, '"NONE"')))),
        [removes],
    )
    yield Theorem(
        f"writes-ask-no-user/{role}",
        f"no write of {role}'s names an attribute that users write, not even in its condition",
        [ask],
        lambda r: smt.both(writes(r), users(r)),
        [removes],
    )

    def of_usage(request):
        return request.key("dynamodb:LeadingKeys").any(lambda value: smt.prefix(USAGE, value))

    def counts(request):
        attributes = request.key("dynamodb:Attributes")
        known = attributes.all(lambda value: smt.one_of(value, [*RECORD_KEYS, *COUNTERS]))
        return smt.both(smt.equal(request.action, '"dynamodb:updateitem"'), attributes.present, known)

    yield Theorem(
        f"usage-counters-only/{role}",
        f"whatever {role} writes of usage items are counters: no quota, no expiry, and no removal",
        [ask],
        lambda r: smt.both(writes(r), of_usage(r), smt.negated(counts(r))),
        [Control(f"{role} counts", ask, lambda r: smt.both(of_usage(r), counts(r)))],
    )


def reconciliation(stack):
    ask = stack.ask(stack.needs("ReconcileRole"))

    def attributes(request):
        key, select = request.key("dynamodb:Attributes"), request.key("dynamodb:Select")
        named = smt.both(key.present, key.all(lambda value: smt.negated(smt.one_of(value, USERS_HALF + SHOWN_IN_IT))))
        return smt.both(named, select.all(lambda value: smt.equal(value, '"SPECIFIC_ATTRIBUTES"')))

    yield Theorem(
        "reconciliation-sees-no-image",
        "the reconciliation can neither read an original or a thumbnail, nor write one",
        [ask],
        lambda r: smt.both(
            smt.negated(smt.equal(r.action, '"s3:deleteobject"')),
            of_service("s3", r),
            smt.either(stack.folder(r, "original-files"), stack.folder(r, "thumbnails")),
        ),
        [Control("it keeps its checkpoint", ask, lambda r: smt.both(smt.equal(r.action, '"s3:putobject"'), stack.folder(r, "reconcile")))],
    )
    yield Theorem(
        "reconciliation-changes-no-original",
        "the reconciliation removes originals, and does nothing else to them",
        [ask],
        lambda r: smt.both(
            of_service("s3", r), stack.folder(r, "original-files"), smt.negated(smt.equal(r.action, '"s3:deleteobject"'))
        ),
        [Control("it removes an original", ask, lambda r: smt.both(smt.equal(r.action, '"s3:deleteobject"'), stack.folder(r, "original-files")))],
    )
    yield Theorem(
        "reconciliation-reads-no-caption",
        "whatever the reconciliation reads of records names attributes: none that users write, and none of what an image shows",
        [ask],
        lambda r: smt.both(of_service("dynamodb", r), smt.one_of(r.action, READS), smt.negated(attributes(r))),
        [Control("it scans", ask, lambda r: smt.equal(r.action, '"dynamodb:scan"'))],
    )


def worker(stack):
    ask = stack.ask(stack.needs("ThumbnailRole"))

    def reads(request):
        return smt.both(smt.equal(request.action, '"s3:getobject"'), stack.folder(request, "original-files"))

    def changes(request):
        return smt.both(smt.one_of(request.action, ["s3:putobject", "s3:deleteobject"]), stack.folder(request, "thumbnails"))

    def lists(request):
        return smt.both(smt.equal(request.action, '"s3:listbucket"'), stack.is_(request, "Bucket"))

    yield Theorem(
        "worker-s-objects",
        "the worker reads originals, changes thumbnails, lists names, and does nothing else to objects",
        [ask],
        lambda r: smt.both(of_service("s3", r), smt.negated(smt.either(reads(r), changes(r), lists(r)))),
        [Control("it reads an original", ask, reads), Control("it writes a thumbnail", ask, changes)],
    )
    def counters(request):
        attributes, select = request.key("dynamodb:Attributes"), request.key("dynamodb:Select")
        shown = ["status", "failure", "countedBytes", *RECORD_KEYS, *COUNTERS, *QUOTA]
        named = smt.both(attributes.present, attributes.all(lambda value: smt.one_of(value, shown)))
        return smt.both(
            smt.equal(request.action, '"dynamodb:getitem"'), named, select.all(lambda value: smt.equal(value, '"SPECIFIC_ATTRIBUTES"'))
        )

    yield Theorem(
        "worker-reads-counters-only",
        "the worker reads of an item what it counts, and the state that decides it, one item at a time",
        [ask],
        lambda r: smt.both(of_service("dynamodb", r), smt.one_of(r.action, READS), smt.negated(counters(r))),
        [Control("it reads what counts", ask, counters), Control("it completes a record", ask, lambda r: smt.equal(r.action, '"dynamodb:updateitem"'))],
    )

"""What a signed-in user can reach, with credentials of their own and without the API."""

import smt
from expected import (
    RECORD_KEYS, SHARED, USAGE, USERS_HALF, WORKERS_HALF, copies_own_originals, makes_an_object, names_only, own_image,
    table_and_indexes, worker_can_read,
)
from stack import USER
from theorem import Control, Theorem

READS = ["dynamodb:getitem", "dynamodb:query"]


def of_service(service, request):
    if smt.is_literal(request.action):
        return smt.TRUE if request.action.startswith(f'"{service}:') else smt.FALSE
    return smt.prefix(smt.quoted(f"{service}:"), request.action)


def theorems(stack):
    user = stack.ask(USER)
    sub = user.request.sub
    other = smt.string("another identity")
    # An identity is `region:uuid`.
    is_identity = [smt.negated(smt.contains(other, '"/"')), smt.negated(smt.prefix(USAGE, other))]
    another = [*is_identity, smt.negated(smt.equal(other, sub))]
    if stack.values:
        another.append(smt.equal(other, smt.quoted(stack.values["another identity"])))

    def own(folder, request):
        return stack.folder(request, folder, sub)

    def records(request):
        return table_and_indexes("Table")(stack, request)

    def leading(request):
        return request.key("dynamodb:LeadingKeys")

    def usage(of):
        return smt.concat(USAGE, of)

    def names_own(request):
        """The request names a partition: the user's, or, to read it, the one of their usage."""
        reads = smt.equal(request.action, '"dynamodb:getitem"')
        own_usage = smt.both(reads, leading(request).all(lambda v: smt.equal(v, usage(sub))))
        own_records = leading(request).all(lambda v: smt.equal(v, sub))
        return smt.both(leading(request).present, smt.either(own_records, own_usage))

    def writes(request):
        return smt.both(of_service("dynamodb", request), smt.negated(smt.one_of(request.action, READS)))

    def can(says, action, *conditions):
        def good(request):
            return smt.both(smt.equal(request.action, smt.quoted(action)), *(one(request) for one in conditions))

        return Control(says, user, good)

    gets = can("a user reads a thumbnail of their own", "s3:getobject", lambda r: own("thumbnails", r))
    puts = can("a user puts an original of their own", "s3:putobject", lambda r: own("original-files", r))
    copies = can(
        "a user copies an original of their own onto itself",
        "s3:putobject",
        lambda r: own_image(stack, r),
        lambda r: r.key("s3:x-amz-copy-source").present,
    )
    queries = can("a user queries their partition", "dynamodb:query", lambda r: leading(r).any(lambda v: smt.equal(v, sub)))
    gets_usage = can("a user gets their usage", "dynamodb:getitem", lambda r: leading(r).any(lambda v: smt.equal(v, usage(sub))))
    captions = can(
        "a user changes their caption",
        "dynamodb:updateitem",
        lambda r: r.key("dynamodb:Attributes").any(lambda v: smt.equal(v, '"caption"')),
    )
    returned = lambda r: r.key("dynamodb:ReturnValues")  # noqa: E731
    return [
        Theorem(
            "own-objects",
            "whatever a user asks of S3 is about an object below their own prefix",
            [user],
            lambda r: smt.both(of_service("s3", r), smt.negated(smt.either(own("original-files", r), own("thumbnails", r)))),
            [gets],
        ),
        Theorem(
            "own-originals",
            "whatever a user changes in S3 is an original of their own",
            [user],
            lambda r: smt.both(
                of_service("s3", r), smt.negated(smt.equal(r.action, '"s3:getobject"')), smt.negated(own("original-files", r))
            ),
            [puts],
        ),
        Theorem(
            "another-identity-s-objects",
            "no user reaches an object of an identity that is not theirs",
            [user],
            lambda r: [stack.folder(r, folder, other) for folder in ("original-files", "thumbnails")],
            [gets],
            another,
        ),
        Theorem(
            "own-records",
            "whatever a user asks of DynamoDB is about the table or an index of it, and names a partition and none but their own,"
            " or gets their own usage",
            [user],
            lambda r: smt.both(of_service("dynamodb", r), smt.negated(smt.both(records(r), names_own(r)))),
            [queries],
        ),
        Theorem(
            "another-identity-s-records",
            "no user's request names the partition of an identity that is not theirs",
            [user],
            lambda r: smt.both(of_service("dynamodb", r), leading(r).any(lambda v: smt.equal(v, other))),
            [queries],
            another,
        ),
        Theorem(
            "another-identity-s-usage",
            "no user's request names the partition of the usage of an identity that is not theirs",
            [user],
            lambda r: smt.both(
                of_service("dynamodb", r),
                leading(r).any(lambda v: smt.both(smt.equal(v, usage(other)), smt.negated(smt.equal(v, sub)))),
            ),
            [gets_usage],
            another,
        ),
        Theorem(
            "usage-is-not-the-user-s",
            "no user writes a usage item: neither their counters, nor their quota, nor an expiry",
            [user],
            lambda r: smt.both(writes(r), leading(r).any(lambda v: smt.equal(v, usage(sub)))),
            [gets_usage],
        ),
        Theorem(
            "no-forged-result",
            "whatever a user writes names attributes, and all of them are of the user's half of a record",
            [user],
            lambda r: smt.both(writes(r), smt.negated(users_half(r))),
            [captions],
        ),
        Theorem(
            "no-whole-record-back",
            "no write of a user's returns a whole record",
            [user],
            lambda r: smt.both(writes(r), returned(r).any(lambda v: smt.one_of(v, ["ALL_OLD", "ALL_NEW"]))),
            [captions],
        ),
        Theorem(
            "readable-by-the-worker",
            "what a user puts is stored as the worker can read it",
            [user],
            lambda r: smt.both(smt.equal(r.action, '"s3:putobject"'), smt.negated(worker_can_read(r))),
            [puts],
        ),
        Theorem(
            "whole-objects",
            "whatever a user puts is a whole object: no user begins an upload in parts, or adds to one",
            [user],
            lambda r: smt.both(puts_something(r), smt.negated(makes_an_object(r))),
            [puts],
        ),
        Theorem(
            "copies-of-one-s-own",
            "whatever a user copies is an original of their own",
            [user],
            lambda r: smt.both(puts_something(r), smt.negated(copies_own_originals(stack)(r))),
            [puts, copies],
        ),
        Theorem(
            "images-names",
            "whatever a user puts has the name of an image: an id, and an extension that uploads have",
            [user],
            lambda r: smt.both(puts_something(r), smt.negated(own_image(stack, r))),
            [puts],
        ),
        Theorem(
            "objects-and-records-only",
            "a user has no right that is not about their objects or the table",
            [user],
            lambda r: smt.negated(smt.either(own("original-files", r), own("thumbnails", r), records(r))),
            [gets, queries],
        ),
    ]


def puts_something(request):
    return smt.equal(request.action, '"s3:putobject"')


def users_half(request):
    attributes = request.key("dynamodb:Attributes")
    no_result = attributes.all(lambda value: smt.negated(smt.one_of(value, WORKERS_HALF)))
    return smt.both(names_only(RECORD_KEYS + USERS_HALF + SHARED)(request), no_result)

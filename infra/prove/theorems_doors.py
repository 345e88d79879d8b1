"""Who becomes whom, who is let in by resources, and what crosses the network in the clear."""

import smt
from expected import OVER_TLS, ROLES, TAKEN_BY
from stack import USER
from text import Unknown, text
from theorem import Control, Theorem
from theorems_users import of_service

AUD, AMR = "cognito-identity.amazonaws.com:aud", "cognito-identity.amazonaws.com:amr"


def theorems(stack, twin_values=None):
    yield from trust(stack)
    yield from plain_http(stack)
    yield doors(stack)
    yield one_door(stack)
    yield alarms(stack, twin_values)
    for role in ROLES:
        if role in stack.policies.roles:
            yield other_stage(stack, role, twin_values)


def trust(stack):
    user = stack.door(stack.needs(USER))
    caller = user.caller

    def signed_in(request):
        aud, amr = request.key(AUD), request.key(AMR)
        return smt.both(
            smt.equal(caller.kind, '"Federated"'),
            smt.equal(caller.name, '"cognito-identity.amazonaws.com"'),
            smt.equal(request.action, '"sts:assumerolewithwebidentity"'),
            aud.any(lambda value: smt.equal(value, stack.world.said((Unknown("IdentityPool"),)))),
            amr.any(lambda value: smt.equal(value, '"authenticated"')),
        )

    signs_in = Control("a signed-in identity of our pool becomes a user", user, signed_in, over_tls=False)
    yield Theorem(
        f"trust/{USER}",
        "only a signed-in identity of our own pool becomes a user, by a token of Cognito's",
        [user],
        lambda r: smt.negated(signed_in(r)),
        [signs_in],
    )
    yield Theorem(
        "trust/no-guest",
        "a guest, whose amr is `unauthenticated`, becomes nobody",
        [user],
        lambda r: r.key(AMR).all(lambda value: smt.equal(value, '"unauthenticated"')),
        [signs_in],
    )
    for role in stack.policies.roles:
        if role != USER:
            yield taken_by_service(stack, role)


def taken_by_service(stack, role):
    ask = stack.door(role)
    service = TAKEN_BY.get(role, "no service: the role is not in the table TAKEN_BY of expected.py")

    def taken(request):
        return smt.both(
            smt.equal(ask.caller.kind, '"Service"'),
            smt.equal(ask.caller.name, smt.quoted(service)),
            smt.equal(request.action, '"sts:assumerole"'),
        )

    return Theorem(
        f"trust/{role}",
        f"only {service} takes {role}",
        [ask],
        lambda r: smt.negated(taken(r)),
        [Control("its service takes it", ask, taken, over_tls=False)] if role in TAKEN_BY else [],
    )


def plain_http(stack):
    for logical, service in OVER_TLS.items():
        yield encrypted(stack, stack.needs(logical), service)
    if "GalleryBucket" in stack.policies.resources:
        yield encrypted(stack, "GalleryBucket", "s3")
    topic = stack.anybody()
    yield Theorem(
        "tls/AlarmTopic",
        "nobody publishes to the topic of the alarms over plain HTTP",
        [topic],
        lambda r: smt.both(in_the_clear(r), smt.equal(r.action, '"sns:publish"'), stack.is_(r, "AlarmTopic")),
        [Control("somebody may over TLS", topic, lambda r: smt.both(smt.equal(r.action, '"sns:publish"'), stack.is_(r, "AlarmTopic")))],
    )


def in_the_clear(request):
    return request.key("aws:SecureTransport").any(lambda value: smt.equal(value, '"false"'))


def encrypted(stack, logical, service):
    """Whoever asks: an operator's request is refused too."""
    ask = stack.anybody()

    def reached(request):
        within = [stack.is_(request, logical)]
        if service != "sqs":
            within.append(stack.inside(request, logical, "/" if service == "s3" else "/index/"))
        return [smt.both(of_service(service, request), place) for place in within]

    return Theorem(
        f"tls/{logical}",
        f"nobody's request to {logical} is carried out over plain HTTP",
        [ask],
        lambda r: [smt.both(in_the_clear(r), place) for place in reached(r)],
        [Control("it may be over TLS", ask, lambda r: smt.either(*reached(r)))],
    )


# --- resource policies ---


def open_doors(stack, request, caller):
    """What resource policies are there for: a service, an action, a resource, and on whose behalf."""
    source, account = request.key("aws:SourceArn"), request.key("aws:SourceAccount")

    def by(service, action, place, came_from):
        return smt.both(
            smt.equal(caller.kind, '"Service"'),
            smt.equal(caller.name, smt.quoted(service)),
            smt.equal(request.action, smt.quoted(action)),
            place,
            came_from,
        )

    def is_source(logical):
        return source.any(lambda value: smt.equal(value, stack.world.said(stack.arn(logical))))

    def source_within(*parts):
        return source.any(lambda value: smt.prefix(stack.world.said(text(*parts)), value))

    partition, region, ours = (Unknown(f"AWS::{name}") for name in ("Partition", "Region", "AccountId"))
    our_account = account.any(lambda value: smt.equal(value, stack.world.said((ours,))))
    alarms_ = smt.either(*(is_source(name) for name in stack.policies.of_type("AWS::CloudWatch::Alarm")))
    found = [
        by("s3.amazonaws.com", "sqs:sendmessage", stack.is_(request, "EventsQueue"), smt.both(is_source("Bucket"), our_account)),
        by("cloudwatch.amazonaws.com", "sns:publish", stack.is_(request, "AlarmTopic"), smt.both(alarms_, our_account)),
        by(
            "events.amazonaws.com",
            "lambda:invokefunction",
            stack.is_(request, "ReconcileFunction"),
            is_source("ReconcileFunctionNightly"),
        ),
    ]
    api = source_within("arn:", partition, ":execute-api:", region, ":", ours, ":", Unknown("Api"), "/")
    for function in ("UploadFunction", "ImagesFunction"):
        found.append(by("apigateway.amazonaws.com", "lambda:invokefunction", stack.is_(request, function), api))
    if "GalleryBucket" in stack.policies.resources:
        distribution = text("arn:", partition, ":cloudfront::", ours, ":distribution/", Unknown("GalleryDistribution"))
        is_ours = source.any(lambda value: smt.equal(value, stack.world.said(distribution)))
        found.append(by("cloudfront.amazonaws.com", "s3:getobject", stack.inside(request, "GalleryBucket", "/"), is_ours))
    return found


def doors(stack):
    ask = stack.outsider()
    return Theorem(
        "resources-let-in-services",
        "resources let in services of AWS alone, each for one action, on behalf of our own account's resources",
        [ask],
        lambda r: smt.negated(smt.either(*open_doors(stack, r, ask.caller))),
        [
            Control("S3 sends an event", ask, lambda r: smt.equal(r.action, '"sqs:sendmessage"')),
            Control("an alarm is published", ask, lambda r: smt.equal(r.action, '"sns:publish"')),
            Control("the API calls a function", ask, lambda r: smt.equal(r.action, '"lambda:invokefunction"')),
        ],
    )


def one_door(stack):
    ask = stack.outsider()
    apart = []
    if "GalleryBucket" in stack.policies.resources:
        buckets = (stack.world.said(stack.arn(name)) for name in ("Bucket", "GalleryBucket"))
        apart = [smt.negated(smt.equal(*buckets))]
    return Theorem(
        "roles-alone-reach-data",
        "no resource policy lets anybody to images or records",
        [ask],
        lambda r: [
            stack.is_(r, "Bucket"), stack.inside(r, "Bucket", "/"), stack.is_(r, "Table"), stack.inside(r, "Table", "/index/")
        ],
        [Control("a resource policy lets somebody in", ask, lambda r: smt.TRUE)],
        apart,
    )


# --- other stages ---

STAGE_S_OWN = ["Bucket", "Table", "EventsQueue", "Queue", "RetryQueue", "DeadLetterQueue", "UnreadableQueue", "AlarmTopic"]


def other_stage(stack, role, twin_values):
    """Names of two stages differ, because AWS refuses to create one that exists."""
    twin = stack.twin(twin_values, "@another-stage")
    # Both are of one partition: credentials of another are worth nothing.
    twin.world.used["AWS::Partition"] = stack.world.term(Unknown("AWS::Partition"))
    ask = twin.ask(role)

    def reached(request):
        by_name = smt.negated(of_service("xray", request))
        mine = [smt.equal(request.resource, stack.world.said(stack.arn(name))) for name in STAGE_S_OWN]
        bucket = smt.concat(stack.world.said(stack.arn("Bucket")), '"/"')
        return [smt.both(by_name, place) for place in [smt.prefix(bucket, request.resource), *mine]]

    apart = [
        smt.negated(smt.equal(stack.world.said(stack.arn(one)), twin.world.said(twin.arn(other))))
        for one in STAGE_S_OWN
        for other in STAGE_S_OWN
        if same_kind(stack, one, other) and not stack.values
    ]
    return Theorem(
        f"other-stages/{role}",
        f"{role} of another stage reaches nothing of this one",
        [ask],
        reached,
        [Control("it reaches something of its own", ask, lambda r: smt.TRUE)],
        apart,
        [stack.world],
    )


def same_kind(stack, one, other):
    return stack.policies.resources[one]["Type"] == stack.policies.resources[other]["Type"]


def alarms(stack, twin_values):
    """Here names matter as they are made, so they are spelled out."""
    here, there = stack.twin(stack.values, "", True), stack.twin(twin_values, "@another-stage", True)
    for shared in ("AWS::Partition", "AWS::Region", "AWS::AccountId"):
        if not stack.values:
            there.world.used[shared] = here.world.term(Unknown(shared))
    ask = here.outsider()
    stages_differ = smt.negated(smt.equal(*(one.world.said((Unknown("Stage"),)) for one in (here, there))))
    foreign = [there.world.said(there.arn(name)) for name in there.policies.of_type("AWS::CloudWatch::Alarm")]

    def bad(request):
        return smt.both(
            smt.equal(request.action, '"sns:publish"'),
            smt.either(*(request.key("aws:SourceArn").any(lambda v, f=f: smt.equal(v, f)) for f in foreign)),
        )

    return Theorem(
        "alarms-of-this-stage",
        "no alarm of another stage, even of the same account and region, publishes to this one's topic",
        [ask],
        bad,
        [Control("an alarm of this stage may", ask, lambda r: smt.equal(r.action, '"sns:publish"'))],
        [stages_differ],
        [there.world],
    )

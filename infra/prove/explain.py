"""A counterexample, as a person reads it: who asks, what, of which resource, with which keys, and
which statement lets them; and as a command of the AWS CLI, where there is one."""

import re
import shlex

import smt
from example import HERE, THERE
from keys import KNOWN_KEYS
from stack import EVERYTHING

# Keys of services: with a request of one service, those of others are not shown.
SERVICE_OF_KEY = re.compile(r"(s3|dynamodb|sns|lambda|sts|events):")
# Actions to show, if a statement allows more than one.
REAL = """
    s3:getobject s3:putobject s3:deleteobject s3:listbucket s3:getobjectversion dynamodb:scan dynamodb:getitem dynamodb:query
    dynamodb:putitem dynamodb:updateitem dynamodb:deleteitem dynamodb:batchgetitem sqs:sendmessage sqs:receivemessage
    sns:publish lambda:invokefunction logs:putlogevents sts:assumerolewithwebidentity sts:assumerole iam:passrole
""".split()
CASED = {
    "getobject": "GetObject", "putobject": "PutObject", "deleteobject": "DeleteObject", "listbucket": "ListBucket",
    "getobjectversion": "GetObjectVersion", "scan": "Scan", "getitem": "GetItem", "query": "Query", "putitem": "PutItem",
    "updateitem": "UpdateItem", "deleteitem": "DeleteItem", "batchgetitem": "BatchGetItem", "sendmessage": "SendMessage",
    "receivemessage": "ReceiveMessage", "publish": "Publish", "invokefunction": "InvokeFunction",
    "assumerolewithwebidentity": "AssumeRoleWithWebIdentity", "assumerole": "AssumeRole", "passrole": "PassRole",
    "putlogevents": "PutLogEvents",
}
PLAIN = smt.some(smt.letters("az", "AZ", "09", "_", ":", "/", ".", "-", "@"))


def explain(solver, case, formulas, seconds=2):
    """The lines of a counterexample. The simplest request is sought, wish by wish."""
    spoken_of = set(smt.VARIABLE.findall(" ".join(formulas)))
    formulas = list(formulas)
    _, values = solver.satisfiable(formulas, seconds, values=True)
    for wish in wishes(case):
        if not spoken_of.issuperset(smt.VARIABLE.findall(wish)):
            continue
        answer, found = solver.satisfiable([*formulas, wish], seconds, values=True)
        if answer:
            formulas.append(wish)
            values = found
    lines = []
    for (ask, request), statement in zip(case.asks, case.statements):
        lines += shown(ask, request, statement, values, spoken_of)
    return lines


def wishes(case):
    found = []
    for ask, request in case.asks:
        keys = list(request.keys.values())
        if not smt.is_literal(request.action):
            found.append(smt.one_of(request.action, REAL))
        found.append(smt.contains(request.resource, smt.quoted(HERE["another identity"])))
        leading = request.keys.get("dynamodb:leadingkeys")
        if leading:
            found.append(leading.any(lambda value: smt.equal(value, smt.quoted(HERE["another identity"]))))
        found += [smt.negated(key.present) for key in keys if not key.name.startswith("cognito")]
        found += [smt.negated(there) for key in keys for there, _ in key.values[1:]]
        found.append(f'(str.suffixof "/photo.jpg" {request.resource})')
        found += [smt.matches(value, PLAIN) for key in keys for _, value in key.values[:1]]
        found.append(smt.matches(request.resource, PLAIN))
        if ask.caller.arn is None:
            found.append(smt.equal(ask.caller.kind, '"AWS"'))
            found.append(smt.equal(ask.caller.name, '"arn:aws:iam::999999999999:root"'))
    return found


def shown(ask, request, statement, values, spoken_of):
    def value_of(term, default="anything"):
        return term[1:-1] if smt.is_literal(term) else values.get(term, default)

    action = cased(value_of(request.action), statement)
    resource = value_of(request.resource, "")
    keys = {}
    for key in request.keys.values():
        if any(there in spoken_of for there, _ in key.values) and not is_session(key.name):
            keys[key.name] = sorted({values.get(value, "anything") for there, value in key.values if values.get(there)})
    service = action.split(":")[0]
    keys = {
        name: found
        for name, found in keys.items()
        if not (other := SERVICE_OF_KEY.match(name)) or other[1] == service
    }
    who = ask.who
    if ask.caller.arn is None:
        kind, name = value_of(ask.caller.kind, "any"), value_of(ask.caller.name, "principal")
        who += f": {kind} {name}" if ask.caller.kind in values else ", whoever that is"
    lines = [f"who      {who}" + session(request)]
    lines.append(f"asks     {action}")
    if resource:
        lines.append(f"of       {resource}")
    written = KNOWN_KEYS.as_written
    lines += [f"with     {written(name)} = {', '.join(found)}" for name, found in keys.items() if found]
    absent = [written(name) for name, found in keys.items() if not found]
    lines += [f"without  {', '.join(absent)}"] if absent else []
    lines.append("let by   no statement that denies it" if statement is EVERYTHING else f"let by   {statement.name}")
    command = cli(action, resource, keys)
    return lines + ([f"try      {command}"] if command else [])


def is_session(name):
    return name == "cognito-identity.amazonaws.com:sub"


def session(request):
    if not request.session:
        return ""
    values = THERE if request.suffix else HERE
    stage = f" of the stage {values['Stage']}" if request.suffix else ""
    return f", signed in as {values['cognito-identity.amazonaws.com:sub']}{stage}"


def cased(action, statement):
    """An action as the statement writes it, or as AWS does."""
    for written in statement.actions:
        if written[0].lower() == action:
            return written[0]
    service, _, name = action.partition(":")
    return f"{service}:{CASED.get(name, name)}"


def cli(action, resource, keys):
    """A command that makes the request, with the credentials of who asks."""
    quoted = shlex.quote
    leading = (keys.get("dynamodb:leadingkeys") or ["IDENTITY"])[0]
    bucket, _, key = resource.split(":::")[-1].partition("/")
    name = resource.rpartition(":")[2]
    table = resource.partition(":table/")[2].partition("/")[0]
    item = quoted(f'{{"identityId": {{"S": "{leading}"}}, "imageId": {{"S": "IMAGE"}}}}')
    plain = " --endpoint-url http://…" if keys.get("aws:securetransport") == ["false"] else ""
    returns = f" --return-values {keys['dynamodb:returnvalues'][0]}" if keys.get("dynamodb:returnvalues") else ""
    partition = quoted(f'{{":me": {{"S": "{leading}"}}}}')
    commands = {
        "s3:GetObject": f"aws s3api get-object --bucket {bucket} --key {quoted(key)} out",
        "s3:PutObject": f"aws s3api put-object --bucket {bucket} --key {quoted(key)} --body photo.jpg",
        "s3:DeleteObject": f"aws s3api delete-object --bucket {bucket} --key {quoted(key)}",
        "s3:ListBucket": f"aws s3api list-objects-v2 --bucket {bucket}",
        "dynamodb:Scan": f"aws dynamodb scan --table-name {table}",
        "dynamodb:GetItem": f"aws dynamodb get-item --table-name {table} --key {item}",
        "dynamodb:Query": f"aws dynamodb query --table-name {table} --key-condition-expression 'identityId = :me'"
        f" --expression-attribute-values {partition}",
        "dynamodb:PutItem": f"aws dynamodb put-item --table-name {table} --item {item}{returns}",
        "dynamodb:UpdateItem": f"aws dynamodb update-item --table-name {table} --key {item} --update-expression '…'{returns}",
        "dynamodb:DeleteItem": f"aws dynamodb delete-item --table-name {table} --key {item}{returns}",
        "sqs:SendMessage": f"aws sqs send-message --queue-url …/{name} --message-body x",
        "sqs:ReceiveMessage": f"aws sqs receive-message --queue-url …/{name}",
        "sns:Publish": f"aws sns publish --topic-arn {resource} --message x",
        "lambda:InvokeFunction": f"aws lambda invoke --function-name {name} out",
    }
    command = commands.get(action)
    return command + plain if command else None

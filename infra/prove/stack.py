"""A stack's policies in a deployment, and who may ask what of them."""

import re

import smt
from iam import Ask, Caller, Statement
from refusal import Missing
from request import Request, World
from text import Unknown, text



def name_matches(value, pattern):
    """Whether a string is what a pattern of `?` and letters describes."""
    pieces = [piece for piece in re.split(r"(\?)", pattern) if piece]
    return smt.matches(value, *(smt.ANY_LETTER if piece == "?" else smt.exactly(piece) for piece in pieces))


# Who is anybody: whatever rights they have elsewhere, only a denial stops them.
EVERYTHING = Statement("anybody's", "rights", "Allow", actions=(("*",),), resources=(("*",),))
USER = "AuthenticatedRole"


class Stack:
    """`values` pins what a deployment decides; without them, everything is proved for all values."""

    def __init__(self, policies, values=None, suffix="", exact=False):
        self.policies, self.values, self.suffix = policies, values, suffix
        self.world = World(policies.arns, values, suffix, exact)

    def twin(self, values, suffix, exact=False):
        """Another stage of the same template."""
        return Stack(self.policies, values, suffix, exact)

    # --- who asks ---

    def ask(self, role, request_suffix=""):
        """A request with a role's credentials."""
        request = Request(self.world, self.suffix + request_suffix, session=role == USER)
        others = [arn for name, arn in self.policies.arns.items() if name != role and name in self.policies.roles]
        caller = Caller(self.policies.arns[role], others)
        return Ask(role, request, caller, self.policies.roles[role] + self.policies.resource_statements)

    def outsider(self):
        """A request by somebody whom only resource policies can let in."""
        return Ask("somebody else", Request(self.world, self.suffix), Caller(suffix=self.suffix), self.policies.resource_statements)

    def anybody(self):
        """A request by somebody who may do everything, but for what a resource policy denies."""
        statements = [EVERYTHING] + [s for s in self.policies.resource_statements if s.effect == "Deny"]
        return Ask("anybody", Request(self.world, self.suffix), Caller(suffix=self.suffix), statements)

    def door(self, role):
        """Somebody who asks for a role's credentials."""
        return Ask(f"somebody who asks for {role}", Request(self.world, self.suffix), Caller(suffix=self.suffix), self.policies.trust[role])

    # --- places ---

    def needs(self, logical):
        if logical not in self.policies.resources:
            raise Missing(f"the template has no {logical}, of which the theorems speak")
        return logical

    def arn(self, logical):
        if logical not in self.policies.arns:
            raise Missing(f"the template has no {logical}, of which the theorems speak")
        return self.policies.arns[logical]

    def is_(self, request, logical):
        return smt.equal(request.resource, self.world.said(self.arn(logical)))

    def inside(self, request, logical, *path):
        """Whether a resource is behind a path of strings and texts within one that has an ARN."""
        head = self.world.said(text(self.arn(logical), *(p for p in path if isinstance(p, (str, Unknown)))))
        return smt.prefix(head, request.resource)

    def folder(self, request, folder, sub=None):
        """Whether a resource is an object of a folder: of everybody's, or of an identity's."""
        head = self.world.said(text(self.arn("Bucket"), f"/{folder}/", Unknown("Stage"), "/"))
        return smt.prefix(smt.concat(head, sub, '"/"') if sub else head, request.resource)

    def named(self, request, folder, sub, patterns):
        """Whether a resource is an object of an identity's folder, with a name of these patterns."""
        head = self.world.said(text(self.arn("Bucket"), f"/{folder}/", Unknown("Stage"), "/"))
        head = smt.concat(head, sub, '"/"')
        names = (name_matches(smt.behind(head, request.resource), pattern) for pattern in patterns)
        return smt.both(smt.prefix(head, request.resource), smt.either(*names))

    def source(self, request, folder, slash):
        """What the source of a copy begins with, if it is in the sender's folder."""
        bucket = self.policies.properties("Bucket").get("BucketName")
        name = self.policies.resolver.text(bucket)
        return smt.concat(self.world.said(text(slash, name, f"/{folder}/", Unknown("Stage"), "/")), request.sub, '"/"')

    def object(self, request, folder, name):
        whole = self.world.said(text(self.arn("Bucket"), f"/{folder}/", Unknown("Stage"), f"/{name}"))
        return smt.equal(request.resource, whole)

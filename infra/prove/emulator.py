"""The emulator as a second judge of requests, by IAM's own SimulateCustomPolicy."""

import json
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from refusal import NoEmulator

STARTS_WITHIN = 60
ALWAYS_THERE = ("dynamodb:leadingkeys", "dynamodb:attributes")
SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/iam/aws4_request, SignedHeaders=host, Signature=none"


class Emulator:
    """A running emulator in strict mode; it ends with the `with` block."""

    def __init__(self, binary):
        self.binary = binary

    def __enter__(self):
        self.log = tempfile.TemporaryFile(mode="w+")
        command = [self.binary, "--addr", "127.0.0.1:0", "--region", "eu-west-1", "--iam", "strict"]
        try:
            self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        except OSError as error:
            raise NoEmulator(f"{self.binary}: {error}") from error
        self.url = f"http://127.0.0.1:{self.port()}/"
        self.http = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def port(self):
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self.process.poll() is None:
            self.log.seek(0)
            if found := re.search(r"FAKECLOUD_PORT=(\d+)\s", self.log.read()):
                return int(found[1])
            time.sleep(0.05)
        self.process.kill()
        self.log.seek(0)
        raise NoEmulator(f"{self.binary} does not start: {self.log.read()[-300:]}")

    def allows(self, request, documents, resource_policy, caller):
        """Whether a request is allowed by a role's documents and a resource's policy."""
        form = {
            "Action": "SimulateCustomPolicy",
            "Version": "2010-05-08",
            "ActionNames.member.1": request.action,
            "ResourceArns.member.1": request.resource,
            "CallerArn": caller,
        }
        for index, one in enumerate(documents, 1):
            form[f"PolicyInputList.member.{index}"] = json.dumps(one)
        if resource_policy:
            form["ResourcePolicy"] = json.dumps(resource_policy)
        # These are in every request to DynamoDB, if need be without a value. The emulator tells
        # that from a key that it does not know, for which ForAllValues does not hold there.
        keys = {**{name: [] for name in ALWAYS_THERE}, **{name.lower(): values for name, values in request.keys.items()}}
        for index, (name, values) in enumerate(keys.items(), 1):
            entry = f"ContextEntries.member.{index}"
            form[f"{entry}.ContextKeyName"] = name
            form[f"{entry}.ContextKeyType"] = "string" if len(values) == 1 else "stringList"
            for position, value in enumerate(values, 1):
                form[f"{entry}.ContextKeyValues.member.{position}"] = value
        call = urllib.request.Request(self.url, urllib.parse.urlencode(form).encode(), {"Authorization": SIGNED})
        try:
            with self.http.open(call, timeout=30) as answer:
                said = answer.read().decode()
        except urllib.error.HTTPError as error:
            raise NoEmulator(error.read().decode()[:500]) from error
        except OSError as error:
            raise NoEmulator(str(error)) from error
        decision = re.search(r"<EvalDecision>(\w+)</EvalDecision>", said)
        if not decision:
            raise NoEmulator(said[:500])
        return decision[1] == "allowed"

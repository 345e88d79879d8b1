"""The programs, each as a worker process that answers one job after the other."""

import json
import os
import select
import subprocess
import time

# The code of an answer that a program did not give.
CRASHED = "crashed"


class Member:
    """A worker. One that dies or takes too long is started anew, and the file counts as refused."""

    def __init__(self, name, command, log, timeout_secs, environment=None):
        self.name = name
        self.command = command
        self.log = log
        self.timeout_secs = timeout_secs
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        self.rest = b""

    def ask(self, job):
        """Sends a job and returns the answer."""
        if self.process is None:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.log,
                env=self.environment,
            )
            self.rest = b""
        try:
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()
            return json.loads(self.line())
        except TimeoutError:
            message = f"no answer within {self.timeout_secs} s"
        except (OSError, EOFError):
            message = "the program died"
        self.stop()
        return {"outcome": "refused", "code": CRASHED, "message": message}

    def line(self):
        deadline = time.monotonic() + self.timeout_secs
        output = self.process.stdout.fileno()
        while b"\n" not in self.rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([output], [], [], left)[0]:
                raise TimeoutError
            read = os.read(output, 1 << 16)
            if not read:
                raise EOFError
            self.rest += read
        line, self.rest = self.rest.split(b"\n", 1)
        return line

    def finish(self):
        """Ends the worker by the end of its input."""
        if self.process is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """Kills the worker; the next job starts another."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None

"""A deployed stack from outside: its URLs, and the AWS services that an operator uses."""

import http.client
import json
import os
import ssl
import subprocess
import time
import urllib.parse

import boto3

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
TLS = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
BEGUN = time.monotonic()
FUNCTIONS = ("api", "console", "import", "dispatch", "send", "receipts", "track", "redirect", "webhooks")


def function_of(name):
    """A function's logical name in the template."""
    return f"{name.capitalize()}Function"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode()


class Stack:
    def __init__(self, name):
        self.name = name
        self.aws = {
            service: boto3.client(service)
            for service in ("cloudformation", "iam", "lambda", "logs", "secretsmanager", "sqs")
        }
        described = self.aws["cloudformation"].describe_stacks(StackName=name)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
        # Listed by pages: there are more than the hundred that one call describes.
        pages = self.aws["cloudformation"].get_paginator("list_stack_resources").paginate(StackName=name)
        listed = [one for page in pages for one in page["StackResourceSummaries"]]
        self.resources = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}

    def url(self, path, api="ApiId"):
        return f"{ENDPOINT}/_aws/execute-api/{self.outputs[api]}/$default{path}"

    def call(self, method, path, body=None, headers=None, api="ApiId"):
        return call(method, self.url(path, api), body, headers)

    def depth(self, queue):
        """Visible messages of a queue, and messages in flight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.aws["sqs"].get_queue_attributes(QueueUrl=self.resources[queue], AttributeNames=names)
        return sum(int(count) for count in found["Attributes"].values())


class Admin:
    """The operators' command line, as it was built: `ADMIN` is its path."""

    def __init__(self, stack):
        self.command = [os.environ["ADMIN"], "--stage", stack.name.removeprefix("envol-"), "--as", "essai", "--json"]

    def ask(self, *arguments, code=0):
        done = subprocess.run([*self.command, *arguments], capture_output=True, text=True, timeout=600)
        if done.returncode != code:
            raise SystemExit(f"FAILED: {' '.join(arguments)} ended with {done.returncode}\n{done.stderr}{self.wrong(done.stdout)}")
        return json.loads(done.stdout)


    def wrong(self, answer):
        """The doctor's findings that are not `ok`; any other output unchanged."""
        findings = json.loads(answer).get("findings") if answer.startswith("{") else None
        return answer if findings is None else "\n".join(str(one) for one in findings if one["verdict"] != "ok")


def call(method, url, body=None, headers=None):
    """One request; redirects are answers. A dict or a list is sent as JSON."""
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=30, context=TLS)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, body, headers)
    response = connection.getresponse()
    answer = Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, response.read())
    connection.close()
    return answer


def say(text):
    print(f"   {time.monotonic() - BEGUN:6.1f} s  {text}", flush=True)


def check(claim, found, expected=True):
    """Reports that a claim holds, or ends the test with the actual value."""
    if found != expected:
        raise SystemExit(f"FAILED: {claim}\n  expected {expected!r}\n  found    {found!r}")
    say(f"ok  {claim}")


def until(claim, look, seconds=300, every=0.25):
    """Waits for an automatic change and returns it. The limit only ends a test that would wait forever."""
    begun = time.monotonic()
    while True:
        found = look()
        if found:
            say(f"ok  {claim} ({time.monotonic() - begun:.1f} s)")
            return found
        if time.monotonic() - begun > seconds:
            raise SystemExit(f"FAILED: {claim}: not within {seconds} s; last seen: {found!r}")
        time.sleep(every)

"""The Envol under test: its URLs, and functions to call it."""

import json
import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

WORK = pathlib.Path(os.environ["WORK"])
ROOT = pathlib.Path(__file__).resolve().parents[2]
READY = json.loads((WORK / ".envol" / "ready.json").read_text())
API = READY["api_url"]
EVERYTHING = ["read", "write", "send", "admin"]


def ask(method, path, body=None, key=READY["api_key"]):
    """Status and JSON of a response."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(API + path, data, headers, method=method)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def made(path, body, key=READY["api_key"]):
    """The object that a POST created; fails if it did not."""
    status, answer = ask("POST", path, body, key)
    assert status == 201, (status, answer)
    return answer


def admin(*arguments):
    """The output of the operators' command line."""
    command = [os.environ["ADMIN"], f"--local={WORK / '.envol'}", "--as", "tests", "--json", *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def new_key(account, scopes):
    return admin("key", "create", account, "--name", " ".join(scopes), "--scopes", ",".join(scopes))["key"]


def new_account(name):
    """A new account with credits, and a key with all scopes."""
    made = ("--name", name, "--stop-code", "36105", "--sender", "ENVOL", "--credits", "1000000")
    account = admin("account", "create", *made)["id"]
    return account, new_key(account, EVERYTHING)


def until(claim, look, seconds=600):
    """Waits for an automatic change. The limit only ends a test that would wait forever."""
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, f"{claim}: not within {seconds} s"
        time.sleep(0.1)


def open_window(key=READY["api_key"]):
    """Allows marketing at any hour: the sandbox reaches no real phone."""
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    window = {"days": days, "from": "00:00", "to": "23:59", "holidays": True}
    status, answer = ask("PATCH", "/v1/account", {"sending_window": window}, key)
    assert status == 200, answer

"""The Envol under test: where it answers, and how to ask it."""

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
    """Status and JSON of an answer."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(API + path, data, headers, method=method)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def made(path, body, key=READY["api_key"]):
    """What a POST made; fails unless it did."""
    status, answer = ask("POST", path, body, key)
    assert status == 201, (status, answer)
    return answer


def admin(*arguments):
    """What the operators' command line answers."""
    command = [os.environ["ADMIN"], f"--local={WORK / '.envol'}", "--as", "tests", "--json", *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def new_key(account, scopes):
    return admin("key", "create", account, "--name", " ".join(scopes), "--scopes", ",".join(scopes))["key"]


def new_account(name):
    """An account of its own with credits, and a key to it that may do everything."""
    made = ("--name", name, "--stop-code", "36105", "--sender", "ENVOL", "--credits", "1000000")
    account = admin("account", "create", *made)["id"]
    return account, new_key(account, EVERYTHING)


def until(claim, look, seconds=600):
    """Waits for something that happens by itself. The limit only ends a test that would wait for ever."""
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, f"{claim}: not within {seconds} s"
        time.sleep(0.1)


def open_window(key=READY["api_key"]):
    """Lets marketing go out at this hour: the sandbox wakes nobody."""
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    window = {"days": days, "from": "00:00", "to": "23:59", "holidays": True}
    status, answer = ask("PATCH", "/v1/account", {"sending_window": window}, key)
    assert status == 200, answer

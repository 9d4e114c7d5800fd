"""The Envol under test: where it answers, and how to ask it."""

import json
import os
import pathlib
import urllib.error
import urllib.request

WORK = pathlib.Path(os.environ["WORK"])
ROOT = pathlib.Path(__file__).resolve().parents[2]
READY = json.loads((WORK / ".envol" / "ready.json").read_text())
API = READY["api_url"]


def ask(method, path, body=None, key=READY["api_key"]):
    """Status and JSON of an answer."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(API + path, data, headers, method=method)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def made(path, body):
    """What a POST made; fails unless it did."""
    status, answer = ask("POST", path, body)
    assert status == 201, (status, answer)
    return answer


def open_window():
    """Lets marketing go out at this hour: the sandbox wakes nobody."""
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    window = {"days": days, "from": "00:00", "to": "23:59", "holidays": True}
    status, answer = ask("PATCH", "/v1/account", {"sending_window": window})
    assert status == 200, answer

"""What an operator does with a deployed stack: `operate.py STACK snapshot|secret|account|doctor|updated|dead-letter|…`."""

import hashlib
import json
import os
import pathlib
import secrets
import sys

from drive import Client, Phones, click
from mend import policies
from stack import FUNCTIONS, Admin, Stack, check, function_of, say, until

EMAIL = "essai@example.com"


def snapshot(stack):
    """The state that a deployment without changes must not change."""
    described = stack.aws["cloudformation"].describe_stacks(StackName=stack.name)["Stacks"][0]
    print("stack", described["StackStatus"], described.get("LastUpdatedTime"))
    for function in FUNCTIONS:
        found = stack.aws["lambda"].get_function_configuration(FunctionName=stack.resources[function_of(function)])
        print(function, found["CodeSha256"], found["LastModified"])


def secret(stack):
    """Fills in the carrier's secret, as infra/deploy says, and prints what the carrier needs."""
    vault, name = stack.aws["secretsmanager"], stack.resources["CarrierSecret"]
    known = json.loads(vault.get_secret_value(SecretId=name)["SecretString"])
    if known["authorization"] or not known["callback_secret"].startswith("whsec_"):
        raise SystemExit("FAILED: infra/deploy leaves the authorization empty and makes the callback_secret")
    known["authorization"] = f"Bearer {secrets.token_urlsafe(24)}"
    vault.put_secret_value(SecretId=name, SecretString=json.dumps(known))
    print(known["authorization"], known["callback_secret"], known["callback_token"], sep="\n")


def account(stack):
    """An account with a key and a user, made by the operators' command line; prints key, address and password."""
    admin = Admin(stack)
    made = ("--name", "Essai", "--stop-code", "36105", "--sender", "ENVOL", "--credits", "5000")
    account = admin.ask("account", "create", *made)["id"]
    key = admin.ask("key", "create", account, "--name", "essai", "--scopes", "read,write,send,admin")["key"]
    user = admin.ask("user", "create", account, EMAIL)
    print(key, EMAIL, user["password"], sep="\n")


def doctor(stack):
    """The doctor finds nothing wrong. Ticks before the secrets existed left dead letters, which are warnings only."""
    admin = Admin(stack)
    admin.ask("dlq", "purge", "ticks", "--yes")
    findings = admin.ask("doctor")["findings"]
    check(f"the doctor looked at {len(findings)} things and finds nothing wrong", len(findings) > 30)
    for finding in findings:
        if finding["verdict"] != "ok":
            say(f"    {finding}")


def updated(stack, carrier, key):
    """After the update the carrier has another name, and an alert goes out and is received at its new address."""
    client, phones = Client(stack, key), Phones(carrier)
    environment = stack.aws["lambda"].get_function_configuration(FunctionName=stack.resources["SendFunction"])["Environment"]
    check("send has the new parameter", environment["Variables"]["CARRIER"], "http")
    groups = stack.aws["logs"].describe_log_groups(logGroupNamePrefix=stack.resources["SendLog"])["logGroups"]
    check("its log is kept for a week", [group["retentionInDays"] for group in groups], [7])
    made = client.ask("POST", "/lists", {"name": "Alerte", "values": ["0610000020", "0610000021"]}, 201)["id"]
    until("pasted numbers are a list", lambda: client.ask("GET", f"/lists/{made}")["status"] == "ready")
    message = {"text": "Votre colis est là"}
    sent = client.campaign({"name": "Alerte", "kind": "alert", "lists": [made], "message": message})
    until("an alert reaches the phones", lambda: len(phones.messages(sent)) == 2)
    until("receipts come to the new address", lambda: client.stats(sent)["delivered"] == 2)
    refused(client)


def refused(client):
    """After this update accounts reach public addresses only, as in production: loopback is not called any more."""
    webhook = client.ask("GET", "/account/webhooks")["items"][0]
    log = lambda: client.ask("GET", f"/account/webhooks/{webhook['id']}/deliveries")["items"]
    tries = lambda: [one for delivery in log() for one in delivery["attempts"]]
    refused = lambda: [one for one in tries() if one.get("problem", {}).get("code") == "private_address"]
    # An endpoint that keeps failing rests for a minute or two between attempts.
    found = until("a webhook on loopback is refused, says its log", refused, 600, 1)
    check("before it is called", [one["http_status"] for one in found], [None] * len(found))
    client.ask("POST", "/account/webhooks", {"url": webhook["url"], "events": webhook["events"]}, 422)
    say("ok  nor can another one be made")


def dead_letter(stack, carrier, key):
    """Track loses its role's policy for a while: a click fails five times, becomes a dead letter, and is counted later."""
    client, phones, admin = Client(stack, key), Phones(carrier), Admin(stack)
    campaign = client.ask("GET", "/campaigns?view=all&q=hiver")["items"][0]["id"]
    human = lambda: client.stats(campaign)["clicks"]["human"]
    before = human()
    sqs, iam = stack.aws["sqs"], stack.aws["iam"]
    taken = list(policies(stack, ["track"]))
    check("track has a policy of its own", len(taken) > 0)
    # One attempt per second instead of every six minutes: the visibility time-out is the test's only change.
    sqs.set_queue_attributes(QueueUrl=stack.resources["EventsQueue"], Attributes={"VisibilityTimeout": "1"})
    try:
        for role, name, _ in taken:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        click(stack, phones.messages(campaign)[3])
        until("a click that cannot be recorded becomes a dead letter", lambda: stack.depth("EventsDeadLetters") == 1)
        wrong = [one["subject"] for one in admin.ask("doctor", code=5)["findings"] if one["verdict"] == "problem"]
        check("the doctor sees it", wrong, ["EventsDeadLetters"])
    finally:
        for role, name, document in taken:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    shown = admin.ask("dlq", "show", "events")["items"]
    check("operators see what it is about", [one["about"].split(" of acc_")[0] for one in shown], [f"1 clicks of {campaign}"])
    check("it is not counted", human(), before)
    check("dlq redrive takes it", admin.ask("dlq", "redrive", "events")["messages"], 1)
    until("redriven, it is counted", lambda: human() == before + 1)
    until("nothing waits any more", lambda: stack.depth("EventsDeadLetters") == 0)


def binaries(stack, folder):
    """Each function: its processes, which run exactly the binary that was built, and the last line of its log."""
    for function in FUNCTIONS:
        code = pathlib.Path(folder, function, "bootstrap").read_bytes()
        digest = hashlib.sha256(code).hexdigest()
        # A function with a schedule only may not have been called yet.
        found = until(f"{function} runs the binary that was built", lambda: processes(digest), every=1)
        group = stack.resources[f"{function.capitalize()}Log"]
        lines = [event["message"].strip() for event in stack.aws["logs"].filter_log_events(logGroupName=group)["events"]]
        check(f"as process {', '.join(found)}, and has logged {len(lines)} lines", len(lines) > 0)
        say(f"    {([line for line in lines if line.startswith('{')] or lines)[-1][:180]}")


def processes(digest):
    """Processes of a binary with this digest."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "exe").split("/")[-1].startswith("bootstrap"):
                if hashlib.sha256((process / "exe").read_bytes()).hexdigest() == digest:
                    found.append(process.name)
        except OSError:
            continue  # another user's, or over by now
    return found


def main():
    name, command, *arguments = sys.argv[1:]
    commands = {
        "snapshot": snapshot, "secret": secret, "account": account, "doctor": doctor, "updated": updated, "dead-letter": dead_letter,
        "binaries": binaries,
    }
    commands[command](Stack(name), *arguments)


if __name__ == "__main__":
    main()

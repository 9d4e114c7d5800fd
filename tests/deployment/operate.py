"""What an operator does with a deployed stack: `operate.py STACK snapshot|secret|updated|dead-letter|binaries …`."""

import base64
import hashlib
import json
import os
import pathlib
import secrets
import sys

from drive import Client, Phones, click
from stack import Stack, check, say, until

FUNCTIONS = ("api", "console", "import", "dispatch", "send", "receipts", "track", "redirect", "webhooks")


def resource(function):
    return f"{function.capitalize()}Function"


def snapshot(stack):
    """What a deployment that changes nothing leaves as it is."""
    described = stack.aws["cloudformation"].describe_stacks(StackName=stack.name)["Stacks"][0]
    print("stack", described["StackStatus"], described.get("LastUpdatedTime"))
    for function in FUNCTIONS:
        found = stack.aws["lambda"].get_function_configuration(FunctionName=stack.resources[resource(function)])
        print(function, found["CodeSha256"], found["LastModified"])


def mend(stack):
    """What the emulator does not do as AWS does.

    A number that is a parameter's value stays text, and its poller stops. A secret's reference is its name, on AWS its
    ARN. A batch of messages asks for a permission of its own, which AWS does not have: there it is `sqs:SendMessage`.
    """
    for mapping in stack.aws["lambda"].list_event_source_mappings()["EventSourceMappings"]:
        most = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
        if most is not None:
            wanted = {"MaximumConcurrency": int(most)}
            stack.aws["lambda"].update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=wanted)
    arns = {one["Name"]: one["ARN"] for one in stack.aws["secretsmanager"].list_secrets()["SecretList"]}
    for role, policy, document in policies(stack):
        for statement in document["Statement"]:
            named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
            statement["Resource"] = [arns.get(name, name) for name in named]
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            statement["Action"] = actions + ["sqs:SendMessageBatch"] * ("sqs:SendMessage" in actions)
        stack.aws["iam"].put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))


def policies(stack, functions=FUNCTIONS):
    """Role, name and document of every inline policy of these functions' roles."""
    iam = stack.aws["iam"]
    for function in functions:
        found = stack.aws["lambda"].get_function_configuration(FunctionName=stack.resources[resource(function)])
        role = found["Role"].split("/")[-1]
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            yield role, policy, iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]


def secret(stack):
    """Fills the secrets in, as infra/deploy says, and prints the carrier's side of the contract for its process.

    The emulator makes up passwords without regard to what the template excludes: here they are made as AWS would.
    """
    mend(stack)
    carrier = {
        "authorization": f"Bearer {secrets.token_urlsafe(24)}",
        "callback_secret": f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "callback_token": secrets.token_hex(20),
    }
    written = {
        "CarrierSecret": carrier, "LinkKey": {"link_key": secrets.token_hex(32)},
        "WebhookKey": {"webhook_key": secrets.token_hex(32)},
    }
    for name, value in written.items():
        stack.aws["secretsmanager"].put_secret_value(SecretId=stack.resources[name], SecretString=json.dumps(value))
    print(*carrier.values(), sep="\n")


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


def dead_letter(stack, carrier, key):
    """Track loses its role's policy for a while: a click fails five times, is a dead letter, and is counted at last."""
    client, phones = Client(stack, key), Phones(carrier)
    campaign = client.ask("GET", "/campaigns?view=all&q=hiver")["items"][0]["id"]
    human = lambda: client.stats(campaign)["clicks"]["human"]
    before = human()
    sqs, iam = stack.aws["sqs"], stack.aws["iam"]
    taken = list(policies(stack, ["track"]))
    check("track has a policy of its own", len(taken) > 0)
    # A try each second rather than each six minutes: the visibility time-out is the test's only change.
    sqs.set_queue_attributes(QueueUrl=stack.resources["EventsQueue"], Attributes={"VisibilityTimeout": "1"})
    try:
        for role, name, _ in taken:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        click(stack, phones.messages(campaign)[3])
        until("a click that cannot be recorded becomes a dead letter", lambda: stack.depth("EventsDeadLetters") == 1, 120)
    finally:
        for role, name, document in taken:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    check("it is not counted", human(), before)
    for letter in sqs.receive_message(QueueUrl=stack.resources["EventsDeadLetters"], WaitTimeSeconds=5)["Messages"]:
        sqs.send_message(QueueUrl=stack.resources["EventsQueue"], MessageBody=letter["Body"])
        sqs.delete_message(QueueUrl=stack.resources["EventsDeadLetters"], ReceiptHandle=letter["ReceiptHandle"])
    until("redriven, it is counted", lambda: human() == before + 1, 60)
    check("nothing waits any more", stack.depth("EventsDeadLetters"), 0)


def binaries(stack, folder):
    """Each function: its processes, which run the very binary that was built, and the last line of its log."""
    for function in FUNCTIONS:
        code = pathlib.Path(folder, function, "bootstrap").read_bytes()
        digest = hashlib.sha256(code).hexdigest()
        # A function that is only ticked may not have been called yet.
        found = until(f"{function} runs the binary that was built", lambda: processes(digest), 90, 1)
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
        "snapshot": snapshot, "secret": secret, "updated": updated, "dead-letter": dead_letter, "binaries": binaries,
    }
    commands[command](Stack(name), *arguments)


if __name__ == "__main__":
    main()

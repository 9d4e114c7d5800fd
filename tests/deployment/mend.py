"""Corrects differences between a new stack on the emulator and AWS: `mend.py STACK`.

Each change here is one thing that ministack 1.5.33 does otherwise than AWS, with where AWS says so. Nothing here is for
AWS, and nothing of it is in the template.
"""

import json
import secrets
import sys

import boto3

from stack import FUNCTIONS, Stack, function_of


def concurrency(stack):
    """A parameter of type Number arrives in `ScalingConfig` as text, and the emulator's poller stops at it.

    CloudFormation makes it the Integer of AWS::Lambda::EventSourceMapping ScalingConfig before Lambda sees it.
    """
    for mapping in stack.aws["lambda"].list_event_source_mappings()["EventSourceMappings"]:
        most = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
        if most is not None:
            wanted = {"MaximumConcurrency": int(most)}
            stack.aws["lambda"].update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=wanted)


def roles(stack):
    """Policies name secrets by `!Ref` and allow `sqs:SendMessage`.

    On AWS `!Ref` of AWS::SecretsManager::Secret is the ARN (return values of that resource), here it is the name, which
    matches no resource. On AWS SendMessageBatch needs the permission sqs:SendMessage (Service Authorization Reference:
    SQS has no action SendMessageBatch), here one of its own.
    """
    arns = {one["Name"]: one["ARN"] for one in stack.aws["secretsmanager"].list_secrets()["SecretList"]}
    for role, policy, document in policies(stack):
        for statement in document["Statement"]:
            statement["Resource"] = [arns.get(name, name) for name in listed(statement["Resource"])]
            actions = listed(statement["Action"])
            statement["Action"] = actions + ["sqs:SendMessageBatch"] * ("sqs:SendMessage" in actions)
        stack.aws["iam"].put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))


def listed(value):
    return value if isinstance(value, list) else [value]


def policies(stack, functions=FUNCTIONS):
    """Role, name and document of every inline policy of these functions' roles."""
    iam = stack.aws["iam"]
    for function in functions:
        found = stack.aws["lambda"].get_function_configuration(FunctionName=stack.resources[function_of(function)])
        role = found["Role"].split("/")[-1]
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            yield role, policy, iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]


def kept(stack):
    """Sets three properties of the template that the emulator's CloudFormation ignores.

    TimeToLiveSpecification and PointInTimeRecoverySpecification of tables, LifecycleConfiguration of the bucket. That the
    template has them is checked by tests/tests/roles; here they are set so that the doctor sees what it would on AWS.
    """
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    for table in ("AccountsTable", "ListsTable", "CampaignsTable", "LinksTable"):
        name = stack.resources[table]
        recovery = {"PointInTimeRecoveryEnabled": True}
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
        if table != "ListsTable":
            expiry = {"AttributeName": "expires_at", "Enabled": True}
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
    rule = {"ID": "uploads", "Status": "Enabled", "Filter": {"Prefix": "uploads/"}, "Expiration": {"Days": 7}}
    bucket = stack.resources["Bucket"]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})


def generated(stack):
    """The emulator's generated passwords ignore `ExcludePunctuation` and `ExcludeCharacters`; on AWS keys are hexadecimal."""
    hexadecimal = {"LinkKey": "link_key", "WebhookKey": "webhook_key", "FingerprintKey": "fingerprint_key"}
    for name, key in hexadecimal.items():
        write(stack, name, {key: secrets.token_hex(32)})
    carrier = json.loads(stack.aws["secretsmanager"].get_secret_value(SecretId=stack.resources["CarrierSecret"])["SecretString"])
    write(stack, "CarrierSecret", {**carrier, "callback_token": secrets.token_hex(20)})


def write(stack, name, value):
    stack.aws["secretsmanager"].put_secret_value(SecretId=stack.resources[name], SecretString=json.dumps(value))


def main():
    stack = Stack(sys.argv[1])
    concurrency(stack)
    roles(stack)
    kept(stack)
    generated(stack)


if __name__ == "__main__":
    main()

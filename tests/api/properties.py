"""Thousands of requests that schemathesis generates from the document, with a key of each scope: no response is 5xx
or undocumented, no invalid request is accepted, no call works without a key."""

import os
import subprocess
import sys

import envol

SEED = os.environ.get("SEED", "20261201")
# Generated cases per operation, for fuzzing and for each sequence of calls. A number, not a time, so that requests are
# the same on every machine.
EXAMPLES = int(os.environ.get("EXAMPLES", "10"))
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
]
# Not `positive_data_acceptance`: there are rules beyond the schema, so a well-formed request may be refused (422).
# A run would revoke the key that it uses; the stories revoke theirs.
LEFT_OUT = ["revoke_key"]



def prepare(key):
    """One of each resource, for keys that may not create them."""
    envol.open_window(key)
    made = envol.made("/v1/lists", {"name": "Clients", "values": ["0612345610", "0612345611"]}, key)["id"]
    envol.until("a list is ready", lambda: envol.ask("GET", f"/v1/lists/{made}", key=key)[1]["status"] == "ready")
    message = {"text": "Bonjour {{prenom|cher client}}", "stop": True}
    envol.made("/v1/campaigns", {"name": "Soldes", "lists": [made], "message": message}, key)


def run(scopes):
    """Runs with a key of these scopes, in a separate account: its limits and data belong to this run only."""
    account, widest = envol.new_account(" ".join(scopes))
    prepare(widest)
    key = envol.new_key(account, scopes)
    command = ["schemathesis", "run", f"{envol.API}/v1/openapi.json", "--url", envol.API]
    command += ["--header", f"Authorization: Bearer {key}", "--checks", ",".join(CHECKS)]
    command += ["--seed", SEED, "--max-examples", str(EXAMPLES), "--warnings", "off", "--generation-database", "none"]
    # No time limits, so that the machine's speed does not matter: neither for responses nor for generating requests.
    command += ["--request-timeout", "300", "--suppress-health-check", "too_slow"]
    command += [f"--exclude-operation-id={name}" for name in LEFT_OUT]
    print(f"with {', '.join(scopes)}", flush=True)
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(envol.ROOT / "tests/api")}
    done = subprocess.run(command, cwd=envol.WORK, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\n{done.stderr}")
    print("\n".join(line for line in done.stdout.splitlines() if "generated" in line or "passed" in line))


print(f"seed {SEED}, {EXAMPLES} examples")
for scopes in [envol.EVERYTHING, *([scope] for scope in envol.EVERYTHING)]:
    run(scopes)

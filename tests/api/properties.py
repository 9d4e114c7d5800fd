"""Thousands of requests that schemathesis makes up from the document, with a key of each scope: nothing answers 5xx,
nothing answers what the document does not say, nothing wrong is taken, nobody gets in without a key."""

import os
import subprocess
import sys

import envol

SEED = os.environ.get("SEED", "20261201")
# Cases that fuzzing and each sequence of calls make up for one operation. A number, not a time: what is asked is the same
# on every machine.
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
# Not `positive_data_acceptance`: rules go beyond shapes, so that a well-formed request may be refused (422).
# A run would revoke the key that it uses; the stories revoke theirs.
LEFT_OUT = ["revoke_key"]



def prepare(key):
    """One of each thing, for keys that may not make them."""
    envol.open_window(key)
    made = envol.made("/v1/lists", {"name": "Clients", "values": ["0612345610", "0612345611"]}, key)["id"]
    envol.until("a list is ready", lambda: envol.ask("GET", f"/v1/lists/{made}", key=key)[1]["status"] == "ready")
    message = {"text": "Bonjour {{prenom|cher client}}", "stop": True}
    envol.made("/v1/campaigns", {"name": "Soldes", "lists": [made], "message": message}, key)


def run(scopes):
    """Asks with a key of these scopes, in an account that nobody else uses: its limits and what is in it are this run's."""
    account, widest = envol.new_account(" ".join(scopes))
    prepare(widest)
    key = envol.new_key(account, scopes)
    command = ["schemathesis", "run", f"{envol.API}/v1/openapi.json", "--url", envol.API]
    command += ["--header", f"Authorization: Bearer {key}", "--checks", ",".join(CHECKS)]
    command += ["--seed", SEED, "--max-examples", str(EXAMPLES), "--warnings", "off", "--generation-database", "none"]
    # The machine's speed decides nothing: not how long an answer may take, nor how long making up a request.
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

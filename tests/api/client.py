"""Generates a client from the document, checks its types, and does the main job with it."""

import json
import shutil
import subprocess
import sys

import envol

HERE = envol.WORK / "client"
HERE.mkdir()
_, document = envol.ask("GET", "/v1/openapi.json")
(HERE / "openapi.json").write_text(json.dumps(document))
# No formatters: the generated files are not read by people.
(HERE / "config.yml").write_text("project_name_override: envol-client\npackage_name_override: envol_client\npost_hooks: []\n")
generate = ["openapi-python-client", "generate", "--path", "openapi.json", "--config", "config.yml", "--fail-on-warning"]
subprocess.run([*generate, "--output-path", "generated"], cwd=HERE, check=True, stdout=subprocess.DEVNULL)
shutil.copy(envol.ROOT / "tests/api/main_job.py", HERE / "generated")
_, key = envol.new_account("client")
envol.open_window(key)
subprocess.run(
    [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--follow-imports=silent", "main_job.py"],
    cwd=HERE / "generated",
    check=True,
)
subprocess.run([sys.executable, "main_job.py", envol.API, key], cwd=HERE / "generated", check=True)

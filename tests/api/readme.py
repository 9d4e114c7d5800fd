"""Runs the blocks of README.md under « Integrate in five minutes » unchanged."""

import re
import subprocess
import sys

import envol

# Ends a block that would wait forever.
SECONDS_MAX = 900

text = (envol.ROOT / "README.md").read_text()
section = re.search(r"^## Integrate in five minutes$(.*?)^## ", text, re.S | re.M)
assert section, "the section is gone"
blocks = re.findall(r"^```(sh|python)$\n(.*?)^```$", section[1], re.S | re.M)
shell = "\n".join(block for language, block in blocks if language == "sh")
python = "\n".join(block for language, block in blocks if language == "python")
assert len(shell) > 1_000 and len(python) > 500, "the blocks are gone"


def paste(command, code):
    done = subprocess.run(command, input=code, text=True, cwd=envol.WORK, capture_output=True, timeout=SECONDS_MAX)
    assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
    return done.stdout


shown = paste(["bash", "-euo", "pipefail"], shell)
for expected in [
    "made once: cmp_",
    '"status": "ready"',
    "302 https://example.com/soldes",
    "STOP au 36105",
    '"stops": 1',
    '"source": "stop"',
    '"pointer": "/mesage"',
    "vouliez-vous dire",
]:
    assert expected in shown, f"{expected} is missing in\n{shown}"
assert paste([sys.executable, "-"], python).split() == ["ready", "delivered"]
print(f"{len(blocks)} blocks pasted")

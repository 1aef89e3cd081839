"""The tutorial does what it says: its commands, typed one after the other in an empty folder, print what it shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
# A block of commands, and the output below it where one is shown.
STEPS = re.findall(r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", PAGE, re.MULTILINE | re.DOTALL)
MARK = "~~~ step"
# Services end with the shell, wherever it stops.
BEGIN = "set -eo pipefail\ntrap 'kill $ANTENNACTL_LOCAL_PIDS 2>/dev/null || true' EXIT\n"


def as_pattern(shown: str) -> str:
    """Return what the output has to hold: the lines in order; `…` is any text, alone on its line any lines."""
    lines = [
        "(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + "\n"
        for line in shown.splitlines()
    ]
    return "^" + "".join(lines)


def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    assert len(STEPS) == len(re.findall(r"^```sh$", PAGE, re.MULTILINE))
    assert PAGE.count("```text") == sum(bool(shown) for _, shown in STEPS)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTENNACTL_", "PG"))}
    script = BEGIN + "".join(f"{commands}\necho '{MARK}'\n" for commands, _ in STEPS)
    done = subprocess.run(
        ["/bin/bash", "-c", script],
        cwd=tmp_path,
        env={**kept, "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    for (commands, shown), output in zip(STEPS, done.stdout.split(f"{MARK}\n"), strict=False):
        assert re.search(as_pattern(shown), output, re.MULTILINE), f"{commands}\nprinted:\n{output}"
    assert (tmp_path / "antennactl-report.html").exists()

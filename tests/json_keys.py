"""A JSON document and docs/json.md in, the keys that each of them has out."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parents[1] / "docs" / "json.md"
# Their keys are names from outside: packages, stages, partitions, reasons, checks.
OPEN = {"versions", "duration_ms", "start_offsets", "end_offsets", "rejected_by_reason", "n_differences"}


def key_paths(document: Mapping[str, Any], prefix: str = "") -> set[str]:
    """Return the path of every key, such as `hours[].state`; lists of the document must not be empty."""
    found = set()
    for key, value in document.items():
        path = f"{prefix}{key}"
        rows = value if isinstance(value, list) else [value]
        deeper = [row for row in rows if isinstance(row, dict)]
        if not deeper or key in OPEN:
            found.add(path + "[]" * isinstance(value, list))
            continue
        for row in deeper:
            found |= key_paths(row, f"{path}[]." if isinstance(value, list) else f"{path}.")
    return found


def documented_keys(section: str) -> set[str]:
    """Return the paths that docs/json.md lists below the heading of a section."""
    text = DOCUMENT.read_text().partition(f"\n## `{section}`\n")[2].partition("\n## ")[0]
    return {
        name
        for row in re.findall(r"^\| (.+?) \|", text, re.MULTILINE)
        for name in re.findall(r"`(.+?)`", row)
    }

"""The list of Kafka's jars, resolved anew: Maven coordinates in, `kafka_jars.lock` out (`make lock-jars`)."""

import hashlib
import sys
import tempfile
from pathlib import Path

from jgo.maven import MavenContext

from antennactl.local.jars import LOCK_FILE, ROOTS

_HEADER = """\
# Kafka's jars in class path order: group:artifact:version, size in bytes, SHA-256.
# Made by `make lock-jars` from {roots}.
"""


def main() -> int:
    """Resolve with jgo into an empty folder, so that each hash is of a fresh download; write the list."""
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), local_repos=[])
        roots, others = context.resolver.resolve([context.create_dependency(root) for root in ROOTS])
        wanted = [
            found.artifact for found in (*roots, *others) if found.scope in {None, "compile", "runtime"}
        ]
        lines = []
        for jar in wanted:
            content = jar.resolve().read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            lines.append(f"{jar.groupId}:{jar.artifactId}:{jar.version} {len(content)} {digest}\n")
    LOCK_FILE.write_text(_HEADER.format(roots=" and ".join(ROOTS)) + "".join(lines))
    sys.stderr.write(f"{LOCK_FILE.name}: {len(lines)} jars\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

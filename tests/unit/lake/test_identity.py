"""A lake belongs to one ledger, whoever comes first; every other pairing is refused."""

import json
import os
import threading
from pathlib import Path

import pytest

from antennactl.errors import StorageUnavailableError, UsageError
from antennactl.lake.identity import check_lake, read_owner
from antennactl.lake.layout import Lake

OURS = "11111111-2222-3333-4444-555555555555"
THEIRS = "99999999-2222-3333-4444-555555555555"


def test_a_new_lake_becomes_the_ledgers(tmp_path: Path) -> None:
    """The folder is made with its parents, and ledger.json is all that is in it."""
    lake = Lake(tmp_path / "deep" / "lake")
    check_lake(lake, OURS, create=True)
    assert json.loads(lake.identity_file.read_text(encoding="utf-8")) == {"ledger": OURS}
    assert [path.name for path in lake.root.iterdir()] == ["ledger.json"]
    check_lake(lake, OURS, create=True)
    check_lake(lake, OURS, create=False)


def test_another_ledgers_lake_is_refused(tmp_path: Path) -> None:
    """With and without `create`, and the file stays as it was."""
    lake = Lake(tmp_path)
    check_lake(lake, THEIRS, create=True)
    for create in (True, False):
        with pytest.raises(UsageError, match=f"belongs to ledger {THEIRS}"):
            check_lake(lake, OURS, create=create)
    assert read_owner(lake) == THEIRS


def test_a_lake_that_is_not_there_is_refused_where_none_may_be_made(tmp_path: Path) -> None:
    """A command that only reads makes nothing."""
    lake = Lake(tmp_path / "lake")
    with pytest.raises(UsageError, match="no lake of this database"):
        check_lake(lake, OURS, create=False)
    assert not lake.root.exists()


def test_data_of_nobody_is_not_taken_over(tmp_path: Path) -> None:
    """A folder that Spark wrote, or a lake whose ledger.json was lost, does not become ours by itself."""
    lake = Lake(tmp_path)
    (lake.data / "year=2026").mkdir(parents=True)
    with pytest.raises(UsageError, match="holds data, but"):
        check_lake(lake, OURS, create=True)
    assert read_owner(lake) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"ledger": 7}', b"\xff"])
def test_a_broken_identity_is_refused(tmp_path: Path, content: bytes) -> None:
    """A truncated or foreign ledger.json is neither ours nor absent."""
    lake = Lake(tmp_path)
    lake.identity_file.write_bytes(content)
    with pytest.raises(UsageError, match="does not name a ledger"):
        check_lake(lake, OURS, create=True)


def test_a_file_in_the_place_of_the_lake_is_refused(tmp_path: Path) -> None:
    """--lake names a folder."""
    (tmp_path / "lake").write_bytes(b"")
    with pytest.raises(UsageError, match="is not a folder"):
        check_lake(Lake(tmp_path / "lake"), OURS, create=True)


def test_a_folder_that_cannot_be_made_is_exit_three(tmp_path: Path) -> None:
    """A name longer than the filesystem takes stands for every refusal of the operating system."""
    with pytest.raises(StorageUnavailableError, match="cannot use the lake"):
        check_lake(Lake(tmp_path / ("x" * 300)), OURS, create=True)


def test_a_filesystem_without_links_still_gets_its_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where link() is refused the file is renamed into place."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.link", refuse)
    check_lake(Lake(tmp_path), OURS, create=True)
    assert read_owner(Lake(tmp_path)) == OURS


@pytest.mark.parametrize("folder", ["staging", "data", "exchange"])
def test_a_folder_where_renames_do_not_reach_is_refused(
    tmp_path: Path, other_filesystem: Path, folder: str
) -> None:
    """Before a file is committed that could not be published; and nothing is left that was tried there."""
    lake = Lake(tmp_path)
    check_lake(lake, OURS, create=True)
    (lake.root / folder).symlink_to(other_filesystem)
    with pytest.raises(UsageError, match=f"{folder} lies on another filesystem"):
        check_lake(lake, OURS, create=False)
    assert list(other_filesystem.iterdir()) == []
    assert {path.name for path in lake.root.iterdir()} == {"ledger.json", folder}


def test_a_second_mount_with_the_same_device_number_is_refused(
    tmp_path: Path, other_filesystem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a bind mount is, which takes a right to make: the kernel's own answer to a rename decides."""
    stat = Path.stat

    def on_device_one(path: Path, **options: bool) -> os.stat_result:
        fields = tuple(stat(path, **options))
        return os.stat_result((*fields[:2], 1, *fields[3:]))

    lake = Lake(tmp_path)
    check_lake(lake, OURS, create=True)
    (lake.root / "staging").symlink_to(other_filesystem)
    monkeypatch.setattr(Path, "stat", on_device_one)
    with pytest.raises(UsageError, match="or on another mount of it"):
        check_lake(lake, OURS, create=False)


def test_folders_of_one_mount_are_taken(tmp_path: Path) -> None:
    """Also where this user may not write, as one who only reads the lake."""
    lake = Lake(tmp_path)
    check_lake(lake, OURS, create=True)
    for folder in (lake.staging, lake.data):
        folder.mkdir(mode=0o555)
    check_lake(lake, OURS, create=False)


def test_of_ledgers_that_start_together_one_gets_the_lake(tmp_path: Path) -> None:
    """Everyone else is told whose it is."""
    lake = Lake(tmp_path / "lake")
    barrier = threading.Barrier(4)
    winners: list[str] = []

    def start(ledger: str) -> None:
        barrier.wait()
        try:
            check_lake(lake, ledger, create=True)
        except UsageError:
            return
        winners.append(ledger)

    threads = [threading.Thread(target=start, args=(f"ledger-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert winners == [read_owner(lake)]

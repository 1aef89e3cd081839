"""Folders are made from the root down, and their names are on disk before anything is in them."""

from pathlib import Path

from antennactl.lake.files import DISK, DiskFiles, make_folders, sync_up


class Recorder(DiskFiles):
    """Notes which folders are synced."""

    def __init__(self) -> None:
        self.synced: list[Path] = []

    def sync_folder(self, path: Path) -> None:
        self.synced.append(path)
        super().sync_folder(path)


def test_folders_are_synced_from_the_root_down_and_each_once(tmp_path: Path) -> None:
    files = Recorder()
    for name in ("x", "y"):
        make_folders(files, tmp_path / "data" / "a" / name)
    sync_up(files, tmp_path, [tmp_path / "data" / "a" / name for name in ("x", "y")])
    data = tmp_path / "data"
    assert files.synced == [tmp_path, data, data / "a", data / "a" / "x", data / "a" / "y"]


def test_folders_are_made_with_their_parents_and_may_stand_already(tmp_path: Path) -> None:
    for _ in range(2):
        make_folders(DISK, tmp_path / "a" / "b")
    assert DISK.list_folder(tmp_path / "a") == ["b"]


def test_removing_what_is_gone_is_no_error(tmp_path: Path) -> None:
    DISK.write(tmp_path / "f", b"content")
    assert (tmp_path / "f").read_bytes() == b"content"
    for _ in range(2):
        DISK.remove(tmp_path / "f")
    assert not DISK.is_file(tmp_path / "f")

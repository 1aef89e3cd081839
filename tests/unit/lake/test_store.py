"""What stage, publish and recover ask of a place is answered alike by a disk and by an object store."""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from obstore.store import MemoryStore

from antennactl.lake.files import DISK, Files, each, make_folders
from antennactl.lake.identity import check_lake, read_owner
from antennactl.lake.layout import Lake
from antennactl.lake.scratch import Scratch
from antennactl.lake.store import StoreFiles

ROOT = Path("/dev/null/lake")


@pytest.fixture(params=["disk", "store"])
def lake(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """Give an empty lake on a disk, and one in a store that is in memory."""
    if request.param == "disk":
        yield Lake(tmp_path / "lake")
        return
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield Lake(ROOT, StoreFiles(MemoryStore(), ROOT, Scratch()), "memory://lake")


def put(lake: Lake, path: str, content: bytes = b"content") -> Path:
    place = lake.root / path
    make_folders(lake.files, place.parent)
    lake.files.write(place, content)
    return place


def test_what_was_written_is_there(lake: Lake) -> None:
    place = put(lake, "data/h=1/a.parquet")
    files = lake.files
    assert files.is_file(place)
    assert not files.is_file(place.with_name("b"))
    assert files.is_folder(place.parent)
    assert not files.is_folder(lake.root / "dat")
    assert (files.size(place), files.read(place)) == (7, b"content")
    assert files.list_folder(lake.data) == ["h=1"]
    assert files.list_folder(place.parent) == ["a.parquet"]
    assert list(files.walk(lake.data)) == [place]
    assert list(files.walk(lake.root / "nothing")) == []
    assert files.digest(place) == hashlib.sha256(b"content").hexdigest()
    with pytest.raises(FileNotFoundError):
        files.digest(place.with_name("b"))


def test_a_rename_moves_the_whole_content_and_a_second_one_finds_the_source_gone(lake: Lake) -> None:
    source = put(lake, "staging/w/a.parquet")
    target = lake.root / "data" / "a.parquet"
    make_folders(lake.files, target.parent)
    lake.files.rename(source, target)
    assert lake.files.read(target) == b"content"
    assert not lake.files.exists(source)
    with pytest.raises(FileNotFoundError):
        lake.files.rename(source, target)
    assert lake.files.read(target) == b"content"


def test_a_rename_that_was_interrupted_after_the_copy_is_made_again(lake: Lake) -> None:
    source, target = put(lake, "staging/w/a.parquet"), put(lake, "data/a.parquet")
    lake.files.rename(source, target)
    assert (lake.files.read(target), lake.files.exists(source)) == (b"content", False)


def test_removing_what_is_gone_is_no_error(lake: Lake) -> None:
    places = [put(lake, f"data/{name}") for name in "abc"]
    for _ in range(2):
        lake.files.remove(places[0])
        lake.files.remove_all(places[:2])
    assert list(lake.files.walk(lake.data)) == [places[2]]
    lake.files.remove_tree(lake.data)
    assert list(lake.files.walk(lake.data)) == []
    lake.files.remove_tree(lake.data)


def test_rows_are_counted_from_the_footer_also_of_many_row_groups(lake: Lake, tmp_path: Path) -> None:
    for n_rows, group in ((0, 10), (1000, 1000), (20_000, 20)):
        path = tmp_path / "written.parquet"
        rows = pl.select(pl.int_range(n_rows).alias("a"), pl.int_range(n_rows).alias("b"))
        rows.write_parquet(path, row_group_size=group)
        assert lake.files.count_rows(put(lake, f"staging/{n_rows}", path.read_bytes())) == n_rows


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 100, b"x" * 100 + b"\xff\xff\xff\x7fPAR1"])
def test_what_is_no_parquet_is_no_row_count(lake: Lake, content: bytes) -> None:
    place = put(lake, "staging/broken", content)
    with pytest.raises((OSError, pl.exceptions.PolarsError)):
        lake.files.count_rows(place)


def test_a_first_write_wins(lake: Lake) -> None:
    for content in (b"first", b"second"):
        lake.files.write_new(lake.identity_file, content)
    assert lake.files.read(lake.identity_file) == b"first"
    assert lake.files.list_folder(lake.root) == ["ledger.json"]


def test_of_ledgers_that_start_together_one_gets_the_lake(lake: Lake) -> None:
    barrier = threading.Barrier(4)
    owners: list[str | None] = []

    def start(ledger: str) -> None:
        barrier.wait()
        try:
            check_lake(lake, ledger, create=True)
        except Exception:  # noqa: BLE001 - all but one are refused
            return
        owners.append(ledger)

    threads = [threading.Thread(target=start, args=(f"ledger-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert owners == [read_owner(lake)]


def test_engines_get_what_lies_at_the_first_place_that_has_it(lake: Lake) -> None:
    here, there = put(lake, "data/a", b"here"), put(lake, "staging/w/b", b"there")
    nowhere = lake.root / "data" / "none"
    found = lake.files.bring([[here, nowhere], [nowhere, there], [nowhere, nowhere]])
    contents = [None if place is None else place.read_bytes() for place in found]
    assert contents == [b"here", b"there", None]
    assert all(place is None or place.is_relative_to(lake.readable) for place in found)


def test_a_file_that_was_built_is_sealed_in_its_place(lake: Lake) -> None:
    place = lake.root / "exchange" / "h" / "part.parquet"
    make_folders(lake.files, place.parent)
    lake.files.local(place).write_bytes(b"built")
    assert lake.files.seal(place) == hashlib.sha256(b"built").hexdigest()
    assert lake.files.read(place) == b"built"


def test_work_at_several_files_keeps_their_order_and_ends_before_it_fails(lake: Lake) -> None:
    assert list(each(lake.files, lambda number: number * 2, range(50))) == list(range(0, 100, 2))
    done: list[int] = []

    def work(number: int) -> None:
        if number == 3:
            raise BrokenPipeError
        done.append(number)

    with pytest.raises(BrokenPipeError):
        list(each(lake.files, work, range(50)))
    ended = list(done)
    assert {0, 1, 2} <= set(ended) < set(range(50))
    assert done == ended


def test_copies_that_nobody_asked_for_lately_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store, scratch = MemoryStore(), Scratch(room_bytes=20)
    files: Files = StoreFiles(store, ROOT, scratch)
    for name in "abcd":
        files.write(ROOT / name, name.encode() * 9)
    for name in "abca":
        assert files.bring([[ROOT / name]]) == [scratch.folder / name]
    files.bring([[ROOT / "d"], [ROOT / "a"]])
    kept = sorted(path.name for path in scratch.folder.iterdir() if not path.name.startswith("."))
    assert kept == ["a", "c", "d"]
    assert scratch.place("a").read_bytes() == b"a" * 9


def test_a_copy_that_breaks_off_is_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    scratch = Scratch()
    with pytest.raises(OSError, match="broke off"):
        scratch.keep("a", 10, [b"12345"])
    assert not scratch.has("a")
    assert not scratch.place("a").exists()


def test_the_copies_of_processes_that_are_gone_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = tmp_path / "antennactl-lake-gone"
    gone.mkdir()
    (gone / ".lock").touch()
    (gone / "copy").write_bytes(b"x")
    just_made = tmp_path / "antennactl-lake-just-made"
    just_made.mkdir()
    alive = Scratch()
    folder = alive.folder
    assert not gone.exists()
    assert just_made.exists()
    os.utime(just_made, (0, 0))
    second = Scratch()
    assert second.folder != folder
    assert folder.exists()
    assert not just_made.exists()


def test_on_the_disk_nothing_is_done_at_once(tmp_path: Path) -> None:
    """A disk's simulation is stepped by one scheduler, and one file after the other is what a disk likes."""
    main = threading.get_ident()
    assert set(each(DISK, lambda _: threading.get_ident(), range(5))) == {main}
    assert tmp_path.exists()

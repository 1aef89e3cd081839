"""Kafka's jars are exactly those of the list, whatever was interrupted, damaged or forged."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from antennactl.errors import InterruptedRunError, KafkaUnavailableError
from antennactl.local import jars
from antennactl.local.jars import Jar, find_cache_folder, provide_jars, read_locked_jars

Download = Callable[[Jar], Path]


def quiet(_what: str, _done: int, _total: int) -> None:
    """Report no progress."""


@pytest.fixture(scope="session")
def repository(bootstrap_servers: str) -> Path:
    """Give a folder with all jars: the cache, which the session's Kafka has filled."""
    assert bootstrap_servers
    cache = find_cache_folder()
    assert cache is not None
    provide_jars(cache, quiet)
    return cache


@pytest.fixture
def fetched(repository: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put the cache in place of the network; return the names of what is fetched."""
    names: list[str] = []
    numbers = count()

    def make_downloader(partial: Path, _count: object) -> Download:
        def download(jar: Jar) -> Path:
            names.append(jar.name)
            return Path(shutil.copy(repository / jar.name, partial / f"{next(numbers)}.jar"))

        return download

    monkeypatch.setattr(jars, "_make_downloader", make_downloader)
    return names


def replace_download(monkeypatch: pytest.MonkeyPatch, download: Download) -> None:
    """Put a function in place of the network."""
    monkeypatch.setattr(jars, "_make_downloader", lambda _partial, _count: download)


def test_what_is_there_is_not_fetched_again(tmp_path: Path, fetched: list[str]) -> None:
    """The second start needs no network, and leaves nothing but the jars."""
    expected = {jar.name for jar in read_locked_jars()}
    paths = provide_jars(tmp_path, quiet)
    assert set(fetched) == expected == {path.name for path in paths} == {p.name for p in tmp_path.iterdir()}
    fetched.clear()
    assert provide_jars(tmp_path, quiet) == paths
    assert not fetched


def test_what_is_missing_cut_short_or_damaged_is_repaired(tmp_path: Path, fetched: list[str]) -> None:
    """Only those are fetched: an interrupted fetch goes on where it was."""
    missing, short, damaged = provide_jars(tmp_path, quiet)[:3]
    missing.unlink()
    short.write_bytes(short.read_bytes()[:1000])
    content = bytearray(damaged.read_bytes())
    content[500] ^= 1
    damaged.write_bytes(content)
    fetched.clear()
    provide_jars(tmp_path, quiet)
    assert sorted(fetched) == sorted(path.name for path in (missing, short, damaged))


def test_a_jar_that_is_not_the_listed_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged or broken repository cannot put its jar on the class path."""

    def forge(_jar: Jar) -> Path:
        path = tmp_path / f"forged-{next(numbers)}"
        path.write_text("forged")
        return path

    numbers = count()
    replace_download(monkeypatch, forge)
    with pytest.raises(KafkaUnavailableError, match=r"differs from its SHA-256"):
        provide_jars(tmp_path / "jars", quiet)
    assert not list((tmp_path / "jars").iterdir())


def test_a_network_that_is_away_is_named_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some tries the message has the coordinate, and the hint the folder to fill by hand."""

    def fail(jar: Jar) -> Path:
        tries.append(jar.coordinate)
        raise ConnectionError

    tries: list[str] = []
    replace_download(monkeypatch, fail)
    with pytest.raises(KafkaUnavailableError, match=r"cannot fetch \S+:\S+:\S+ .*ConnectionError") as caught:
        provide_jars(tmp_path, quiet)
    assert str(tmp_path) in (caught.value.hint or "")
    assert tries.count(tries[0]) == 3


def test_progress_counts_the_bytes_and_may_end_the_fetch(tmp_path: Path, fetched: list[str]) -> None:
    """It begins at 0 and ends at the total; an error of ours that it raises is the error of the fetch."""
    reports: list[tuple[int, int]] = []
    provide_jars(tmp_path / "whole", lambda _what, done, total: reports.append((done, total)))
    total = sum(jar.size for jar in read_locked_jars())
    assert reports[0] == (0, total)
    assert reports[-1] == (total, total)

    def give_up(_what: str, _done: int, _total: int) -> None:
        raise InterruptedRunError

    fetched.clear()
    with pytest.raises(InterruptedRunError):
        provide_jars(tmp_path / "given-up", give_up)


def test_two_fetch_at_once_without_harm(tmp_path: Path, fetched: list[str]) -> None:
    """Both end with all jars, each proven."""
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: provide_jars(tmp_path, quiet), range(2))
    assert first == second
    fetched.clear()
    provide_jars(tmp_path, quiet)
    assert not fetched


@pytest.mark.parametrize("home", ["", "/proc/1/nowhere", "relative"])
def test_a_user_without_a_writable_home_has_no_cache(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the jars go to the folder of the run instead; nothing appears in the working folder."""
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", home)
    assert find_cache_folder() is None
    assert not Path("relative").exists()


def test_the_cache_is_where_the_user_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An absolute XDG_CACHE_HOME is taken; a relative one is ignored, as its specification has it."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert find_cache_folder() == tmp_path / "cache/antennactl/kafka-4.3.1"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert find_cache_folder() == tmp_path / "home/.cache/antennactl/kafka-4.3.1"

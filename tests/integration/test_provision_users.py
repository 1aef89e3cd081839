"""Provision upserts users by id: twice is the same as once, a bad file changes nothing."""

import json
import threading
from pathlib import Path

import pytest

from antennactl.commands import provision
from antennactl.errors import UsageError
from antennactl.ledger.connection import Database
from antennactl.settings import Settings

HEADER = "id,name,email,quota\n"


def users(dsn: str) -> list[tuple[object, ...]]:
    """Return the users that are stored, by id."""
    with Database(dsn) as database, database.transaction() as tx:
        return tx.query_text("SELECT id, name, email, quota FROM user_metadata ORDER BY id").rows()


def run(
    dsn: str, capsys: pytest.CaptureFixture[str], content: str | None = None, **given: object
) -> dict[str, int]:
    """Provision with a file of this content, or the packaged one, and return the counts that were printed."""
    path = None
    if content is not None:
        path = Path(str(given.pop("folder"))) / "users.csv"
        path.write_text(content, encoding="utf-8")
    assert provision.run(Settings(dsn=dsn, users_file=path, json=True), threading.Event()) == 0
    counts: dict[str, int] = json.loads(capsys.readouterr().out)["users"]
    return counts


def test_twice_is_the_same_as_once(empty_postgres_dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The original's fault: provisioning again doubled the users and so every total."""
    first = run(empty_postgres_dsn, capsys)
    stored = users(empty_postgres_dsn)
    second = run(empty_postgres_dsn, capsys)
    assert first == {"inserted": 20, "updated": 0, "unchanged": 0, "others": 0}
    assert second == {"inserted": 0, "updated": 0, "unchanged": 20, "others": 0}
    assert users(empty_postgres_dsn) == stored
    assert len(stored) == 20


def test_users_are_updated_by_id_and_the_others_stay(
    postgres_dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only what differs is written; who is not in the file keeps what the table has."""
    run(postgres_dsn, capsys, HEADER + "a,Ann,a@x.org,1\nb,Bob,b@x.org,2\nc,Cy,c@x.org,3\n", folder=tmp_path)
    counts = run(
        postgres_dsn, capsys, HEADER + "b,Bob,b@x.org,2\nc,Cy,c@x.org,30\nd,Di,d@x.org,4\n", folder=tmp_path
    )
    assert counts == {"inserted": 1, "updated": 1, "unchanged": 1, "others": 1}
    assert users(postgres_dsn) == [
        ("a", "Ann", "a@x.org", 1),
        ("b", "Bob", "b@x.org", 2),
        ("c", "Cy", "c@x.org", 30),
        ("d", "Di", "d@x.org", 4),
    ]


def test_a_bad_file_changes_nothing(empty_postgres_dsn: str, tmp_path: Path) -> None:
    """Not even the schema: the file is read before the database is touched."""
    path = tmp_path / "users.csv"
    path.write_text(HEADER + "a,Ann,a@x.org,1\nb,Bob,b@x.org,much\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 3 has a quota"):
        provision.run(Settings(dsn=empty_postgres_dsn, users_file=path), threading.Event())
    with Database(empty_postgres_dsn) as database, database.transaction() as tx:
        assert not tx.query("ledger_exists").item()


def test_provisions_at_the_same_time_take_turns(
    empty_postgres_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """From an empty database on, every one of them succeeds, and the users are there once."""
    barrier = threading.Barrier(3)
    codes: list[int] = []

    def start() -> None:
        barrier.wait()
        codes.append(
            provision.run(Settings(dsn=empty_postgres_dsn, json=True, quiet=True), threading.Event())
        )

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [0, 0, 0]
    assert len(users(empty_postgres_dsn)) == 20
    capsys.readouterr()


def test_users_are_provisioned_while_the_stream_merges(
    postgres_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An open transaction of the stream, with its totals not committed, holds nobody up."""
    with Database(postgres_dsn) as stream, stream.transaction() as tx:
        tx.query_text("INSERT INTO public.bytes VALUES ('2026-11-24 06:00Z', 'a', 1, 'user_total_bytes')")
        tx.query("read_users")
        assert run(postgres_dsn, capsys)["inserted"] == 20


def test_a_hundred_thousand_users_with_odd_names(
    postgres_dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text arrives as it stands in the file: quotes, commas, tabs, backslashes, several scripts."""
    names = ['"O\'Neil, ""Jr"""', "José", "日本", "back\\slash", "tab\there", ""]
    lines = [f"user-{number:06d},{names[number % 6]},u{number}@x.org,{number}\n" for number in range(100_000)]
    counts = run(postgres_dsn, capsys, HEADER + "".join(lines), folder=tmp_path)
    assert counts["inserted"] == 100_000
    stored = users(postgres_dsn)
    assert [row[1] for row in stored[:6]] == ['O\'Neil, "Jr"', *names[1:]]
    assert stored[-1] == ("user-099999", "back\\slash", "u99999@x.org", 99_999)


def test_the_result_is_a_table_and_the_rest_goes_to_stderr(
    postgres_dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No e-mail is in either."""
    run(postgres_dsn, capsys)
    path = tmp_path / "users.csv"
    path.write_text(HEADER + "a,Ann,secret@x.org,1\n", encoding="utf-8")
    provision.run(Settings(dsn=postgres_dsn, users_file=path), threading.Event())
    captured = capsys.readouterr()
    assert captured.out.startswith("Provisioned\n")
    assert "users   1 inserted" in captured.out
    assert captured.err == "20 users of the table are not in the file; they stay as they are\n"
    assert "secret" not in captured.out + captured.err

"""Every statement of queries/ says what it answers and takes, and the real engines accept it."""

import re
from pathlib import Path

import pytest

from antennactl import sql
from antennactl.ledger.connection import Database

FOLDERS = ("postgres", "duckdb")
STATEMENTS = [(folder, name) for folder in FOLDERS for name, _ in sql.scripts(folder)]


def text_of(folder: str, name: str) -> str:
    return sql.statement(f"{folder}/{Path(name).stem}")


@pytest.mark.parametrize(("folder", "name"), STATEMENTS)
def test_a_statement_is_one_and_its_header_is_complete(folder: str, name: str) -> None:
    lines = text_of(folder, name).splitlines()
    header = [line for line in lines if line.startswith("--")]
    assert header[0] == lines[0]
    sentence = "\n".join(header).partition("\n-- params: ")[0]
    assert re.search(r"[.?]$", sentence)
    assert any(line.startswith("-- params: ") for line in header)
    assert any(line.startswith("-- returns: ") for line in header)
    body = "\n".join(line for line in lines if not line.startswith("--"))
    assert ";" not in body.rstrip().rstrip(";")


@pytest.mark.parametrize("name", [name for folder, name in STATEMENTS if folder == "postgres"])
def test_postgresql_plans_it_with_the_declared_parameters(name: str, postgres_dsn: str) -> None:
    text = text_of("postgres", name)
    declared = declared_parameters(text)
    used = {int(number) for number in re.findall(r"\$(\d+)", text)}
    assert used == set(range(1, len(declared) + 1))
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip().rstrip(";")
    if re.match(r"(?i)(select|insert|update|delete|with)\b", body) and "given_users" not in body:
        with Database(postgres_dsn) as database, database.transaction() as transaction:
            # Without values: the types have to follow from the text.
            transaction.script(f"EXPLAIN (GENERIC_PLAN) {body}")


def declared_parameters(text: str) -> list[str]:
    joined = re.search(r"-- params: (.*?)\n-- returns:", text, re.DOTALL)
    assert joined
    words = re.sub(r"\n--\s*", " ", joined[1])
    words = re.sub(r"\([^)]*\)", "", words)
    return [] if words.strip() == "none" else [part.strip() for part in words.split(",") if part.strip()]


def test_every_statement_is_used_by_somebody() -> None:
    sources = "".join(path.read_text() for path in Path(sql.__file__).parent.rglob("*.py"))
    for folder, name in STATEMENTS:
        stem = Path(name).stem
        assert (
            f'"{stem}"' in sources or f'"{folder}/{stem}"' in sources or stem.startswith("find_repeated_")
        ), name

"""A lake is a folder, or a place in a store that is reached by the store's own variables; neither is touched yet."""

from pathlib import Path

import pytest

from antennactl.errors import UsageError
from antennactl.lake.opening import open_lake
from antennactl.parsers import StoreUrl


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AZURE_STORAGE_ACCOUNT_NAME"):
        monkeypatch.delenv(name, raising=False)


def test_a_folder_is_absolute_unless_told_otherwise() -> None:
    assert open_lake(Path("lake")).root == Path.cwd() / "lake"
    assert open_lake(Path("lake"), absolute=False).name == "lake"


@pytest.mark.parametrize("url", ["s3://bucket/lake", "gs://bucket/lake", "az://container/lake"])
def test_a_place_in_a_store_is_named_as_it_was_given(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    lake = open_lake(StoreUrl(url))
    assert lake.name == url
    assert lake.show(lake.identity_file) == f"{url}/ledger.json"
    assert not lake.files.has_folders


@pytest.mark.parametrize(
    ("url", "variable", "missing"),
    [
        ("s3://bucket/lake", ("AWS_SECRET_ACCESS_KEY", "hidden"), "Missing AccessKeyId"),
        ("az://container/lake", ("AZURE_STORAGE_ACCOUNT_KEY", "aGlkZGVu"), "MissingAccount"),
    ],
)
def test_settings_of_a_store_that_lack_something_are_named(
    url: str, variable: tuple[str, str], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*variable)
    with pytest.raises(UsageError, match=f"{url} cannot be reached.*{missing}") as raised:
        open_lake(StoreUrl(url))
    assert variable[1] not in str(raised.value)


def test_what_does_not_go_through_the_store_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The root of such a lake is no folder, here or anywhere, and nobody can make it one."""
    monkeypatch.chdir(tmp_path)
    lake = open_lake(StoreUrl("s3://bucket/lake"))
    with pytest.raises(NotADirectoryError):
        lake.staging.mkdir(parents=True)

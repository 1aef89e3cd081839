"""What the pages show can be used as it stands, and the links of the texts outside docs/ lead somewhere.

The links inside docs/ are checked by `make docs`.
"""

import re
from pathlib import Path

import pytest

from antennactl.settings import load_settings

ROOT = Path(__file__).parents[3]
TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CONFIGURATIONS = [
    (path.stem, block)
    for path in TEXTS
    for block in re.findall(
        r"^```toml\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
]


@pytest.mark.parametrize(("_page", "block"), CONFIGURATIONS)
def test_every_configuration_is_accepted(_page: str, block: str, tmp_path: Path) -> None:
    path = tmp_path / "antennactl.toml"
    path.write_text(block, encoding="utf-8")
    read = [load_settings(command, {}, config=path, environ={}) for command in ("stream", "batch")]
    assert any(
        settings.kafka_properties or any(origin != "default" for origin in settings.origins.values())
        for settings in read
    )


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (ROOT / target).exists()] == []

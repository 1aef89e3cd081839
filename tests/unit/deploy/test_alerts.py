"""The alert rules speak of series, labels and labels' values that the product exports, and of each of its metrics."""

import re
import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from antennactl.observe.metrics.batch_metrics import batch_registry
from antennactl.observe.metrics.stream_metrics import StreamMetrics
from antennactl.observe.progress import Progress
from deploy_files import CONFIGURATION, DEPLOY

PROMETHEUS = DEPLOY / "prometheus"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((PROMETHEUS / "antennactl.rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
OF_THE_SCRAPE = {"instance", "job"}  # Prometheus adds these itself
NAME = r"antennactl_[a-z_]+"


def exported() -> dict[str, dict[str, set[str]]]:
    """Return name of each series → label → values, as a stream and a batch at work show them."""
    stages = dict.fromkeys(("poll", "decode", "totals", "stage", "commit", "publish"), 1.0)
    now = datetime.now(UTC)
    metrics = StreamMetrics("devices")
    metrics.observe(
        Progress("", now, 1, 1, 1, 1, 1, 1, 1, 1.0, 1.0, stages, {"empty": 1}, (now, now), {0: 0}, {0: 1})
    )
    metrics.set_lag({0: 1})
    found: dict[str, dict[str, set[str]]] = {}
    for registry in (metrics.registry, batch_registry(1.0, 1)):
        for family in text_string_to_metric_families(generate_latest(registry).decode()):
            for sample in family.samples:
                labels = found.setdefault(sample.name, {})
                for label, value in sample.labels.items():
                    labels.setdefault(label, set()).add(value)
    return found


EXPORTED = exported()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_speaks_of_what_is_exported(rule: dict[str, Any]) -> None:
    expression = rule["expr"]
    names = set(re.findall(NAME, expression))
    assert names
    assert names <= EXPORTED.keys()
    known = set[str]().union(*(EXPORTED[name] for name in names)) | OF_THE_SCRAPE
    grouped = {
        label.strip() for labels in re.findall(r"by \(([^)]*)\)", expression) for label in labels.split(",")
    }
    shown = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
    assert grouped <= known
    assert shown <= grouped
    for name, matchers in re.findall(rf"({NAME}){{([^}}]*)}}", expression):
        for label, value in re.findall(r'(\w+)!?="([^"]*)"', matchers):
            assert value in EXPORTED[name][label]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_counter_is_only_looked_at_as_a_rate(rule: dict[str, Any]) -> None:
    for before, name in re.findall(rf"(\w*)\(?({NAME})", rule["expr"]):
        assert (before in {"rate", "increase"}) == name.endswith(("_total", "_bucket"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_how_bad_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert rule["annotations"].keys() == {"summary", "description"}


def test_no_metric_is_without_a_rule() -> None:
    looked_at = {name for rule in RULES for name in re.findall(NAME, rule["expr"])}
    assert looked_at == {name for name in EXPORTED if not name.endswith(("_sum", "_count"))}


def test_the_address_that_is_scraped_is_the_one_that_the_configuration_serves() -> None:
    scraped = yaml.safe_load((PROMETHEUS / "scrape.yml").read_text())["scrape_configs"]
    (target,) = scraped[0]["static_configs"][0]["targets"]
    assert target == tomllib.loads(CONFIGURATION.read_text())["stream"]["metrics-addr"]


def test_the_readme_lists_every_metric_with_its_labels() -> None:
    text = (DEPLOY.parent / "README.md").read_text()
    table = text[text.index("| metric (prefix") :].partition("\n\n")[0]
    listed = {
        name: set(filter(None, labels.split(",")))
        for name, labels in re.findall(r"`([a-z_]+)(?:{([a-z,]+)})?`(?=[ ,])", table)
        if name not in {"stream", "batch", "antennactl_"}
    }
    families = {re.sub("_(bucket|sum|count)$", "", name).removeprefix("antennactl_") for name in EXPORTED}
    assert listed.keys() == families
    for name, labels in EXPORTED.items():
        family = re.sub("_(bucket|sum|count)$", "", name).removeprefix("antennactl_")
        assert labels.keys() - {"le"} == listed[family], name

"""A world of its own for each end-to-end test."""

from pathlib import Path

import pytest

from e2e.antennactl_process import World


@pytest.fixture
def world(postgres_dsn: str, bootstrap_servers: str, topic: str, tmp_path: Path) -> World:
    """Give a provisioned database with the exercise's users, an empty topic and a folder for the lake."""
    made = World(postgres_dsn, bootstrap_servers, topic, tmp_path)
    made.run("provision")
    return made

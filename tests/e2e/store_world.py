"""A world whose lake is in an object store; its objects are looked at as the files that the store keeps them in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from e2e.antennactl_process import World
from object_store import ObjectStore


@dataclass(frozen=True)
class StoreWorld(World):
    """One test's part of the store below a prefix of its own, reached at `port`: the store's own, or a proxy's."""

    store: ObjectStore
    prefix: str
    port: int

    @property
    def url(self) -> str:
        return f"s3://{self.store.bucket}/{self.prefix}"

    @property
    def lake(self) -> Path:
        return self.store.data / self.store.bucket / self.prefix

    def environ(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        here = {"ANTENNACTL_LAKE": self.url, "TMPDIR": str(self.folder)}
        return super().environ({**self.store.environ(self.port), **here, **(extra or {})})

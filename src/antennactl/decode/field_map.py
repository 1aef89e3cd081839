"""Where the five fields stand in a message, and what its timestamp counts: the settings of one topic's layout."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from antennactl.decode.event_time import ISO, PER_SECOND
from antennactl.parsers import split_path

FIELD_NAMES: Final = ("timestamp", "id", "antenna_id", "bytes", "app")
"""The fields of a message, in the order in which they are checked."""
UNITS: Final = (*PER_SECOND, ISO)

Path = tuple[str, ...]
"""Names from the message's own object down to a field."""


@dataclass(frozen=True)
class FieldMap:
    """Field → its path, in the order of FIELD_NAMES, and the unit of the timestamp, one of UNITS."""

    paths: tuple[Path, ...] = tuple((name,) for name in FIELD_NAMES)
    unit: str = "s"

    @classmethod
    def of(cls, texts: Mapping[str, str], unit: str) -> Self:
        """Return the map of paths as a user writes them. Raises ValueError for two fields in one place."""
        paths = tuple(split_path(texts[name]) for name in FIELD_NAMES)
        for name, path in zip(FIELD_NAMES, paths, strict=True):
            inside = [other for other in FIELD_NAMES if split_path(texts[other])[: len(path)] == path]
            if inside != [name]:
                message = f"{' and '.join(inside)} cannot both stand in {texts[name]}"
                raise ValueError(message)
        return cls(paths, unit)

    @property
    def depth(self) -> int:
        """How many levels of objects the fields lie in; 1: all stand in the message's own object."""
        return max(map(len, self.paths))

    def by_name(self) -> dict[str, Path]:
        """Return field → path."""
        return dict(zip(FIELD_NAMES, self.paths, strict=True))


DEFAULT_FIELDS: Final = FieldMap()
"""The layout of the exercise."""

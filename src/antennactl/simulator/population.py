"""How many users and antennas in, their ids out: the exercise's first, then more of the kind."""

from functools import lru_cache
from typing import Final

import polars as pl

APPS: Final = ("SKYPE", "TELEGRAM", "FACETIME", "FACEBOOK", "WHATSAPP")
N_UNKNOWN_USERS: Final = 1000
"""Unknown users come from this many ids, so that some of them come again."""
_N_DIGIT_ANTENNAS: Final = 5
_QUIET_OF_FIVE: Final = (2, 4)
# Every block asks for the same few; a million ids take longer to make than a block.
_kept: Final = lru_cache(maxsize=4)


@_kept
def user_ids(n_users: int) -> pl.Series:
    """Return the ids 00000000-0000-0000-0000-000000000001, …002 and on; 20 are the exercise's."""
    return _numbered("00000000-0000-0000-0000-", n_users)


@_kept
def unknown_user_ids() -> pl.Series:
    """Return ids that no number of users reaches: `user_ids` never begin with f."""
    return _numbered("ffffffff-ffff-ffff-ffff-", N_UNKNOWN_USERS)


@_kept
def antenna_ids(n_antennas: int) -> pl.Series:
    """Return the antennas' ids: the exercise's five (one digit), then 00000005-0000-4000-8000-…05 and on."""
    digits = [
        f"{d * 8}-{d * 4}-{d * 4}-{d * 4}-{d * 12}"
        for d in map(str, range(min(n_antennas, _N_DIGIT_ANTENNAS)))
    ]
    number = pl.int_range(_N_DIGIT_ANTENNAS, max(n_antennas, _N_DIGIT_ANTENNAS)).cast(pl.String)
    further = pl.format("{}-0000-4000-8000-{}", number.str.zfill(8), number.str.zfill(12))
    return pl.concat([pl.Series(digits, dtype=pl.String), pl.select(further).to_series()]).alias("antenna_id")


@_kept
def quiet_users(n_users: int) -> pl.Series:
    """Return the indexes of users who hardly send: two of five, so that some stay under their quotas."""
    return pl.Series([i for i in range(n_users) if i % 5 in _QUIET_OF_FIVE], dtype=pl.UInt32)


@_kept
def active_users(n_users: int) -> pl.Series:
    """Return the indexes of all others; never empty."""
    return pl.Series([i for i in range(n_users) if i % 5 not in _QUIET_OF_FIVE], dtype=pl.UInt32)


def _numbered(prefix: str, n: int) -> pl.Series:
    number = pl.int_range(1, n + 1).cast(pl.String).str.zfill(12)
    return pl.select(pl.concat_str(pl.lit(prefix), number).alias("id")).to_series()

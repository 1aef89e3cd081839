"""A frame of users in, the table `user_metadata` brought to it, and what that changed out."""

from dataclasses import dataclass

import polars as pl

from antennactl.ledger.connection import Transaction
from antennactl.schemas import USERS


@dataclass(frozen=True)
class UserChanges:
    """How many users an upsert met: together inserted, updated and unchanged are those it was given."""

    inserted: int
    updated: int
    unchanged: int
    others: int  # in the table but not given; they stay


def upsert_users(tx: Transaction, users: pl.DataFrame) -> UserChanges:
    """Insert or update `users` (schema USERS, unique ids) by id; rows that are the same stay unwritten.

    Users that are not given stay as they are. Raises TypeError when `users` has another schema.
    """
    if users.schema != USERS:
        # Binary COPY would store garbage without a word.
        message = f"users have the schema {users.schema}"
        raise TypeError(message)
    tx.copy(users, "given_users", create=True)
    changed = tx.query("upsert_users").row(0, named=True)
    n_users = int(tx.query("count_users").item())
    tx.query("drop_given_users")
    return UserChanges(
        inserted=changed["n_inserted"],
        updated=changed["n_updated"],
        unchanged=users.height - changed["n_inserted"] - changed["n_updated"],
        others=n_users - users.height,
    )

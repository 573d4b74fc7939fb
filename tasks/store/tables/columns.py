"""Building blocks of the tables: naming of constraints, cents, instants, JSON, and CHECKs made from enums."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from tasks.store.types import UtcInstant

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def one_of(column: str, values: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    """CHECK that a column holds one of the words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def instant(*, nullable: bool = False) -> Any:
    """A column for an aware UTC instant."""
    return Field(default=None, sa_column=Column(UtcInstant(), nullable=nullable))


def cents(**options: Any) -> Any:
    """A column for signed whole cents."""
    return Field(sa_type=BigInteger, **options)


def json_list() -> Any:
    """A column for a JSON list."""
    return Field(default_factory=list, sa_column=Column(JSON, nullable=False))


def json_object() -> Any:
    """A column for a JSON object."""
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))

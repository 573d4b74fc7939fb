"""The base rates of this place: the built-in table and what persons confirmed since, each row with its source."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from dunning.base_rates import BUILT_IN, BaseRate, BaseRates, percent
from dunning.errors import InputRejected
from tasks.store import audit
from tasks.store.tables import BaseRateRow, ClaimRow

TO_BE_COMPUTED = ""
"""Stands for the version of the house rules on a claim whose amounts a new base rate may change."""


def known(session: Session) -> BaseRates:
    """Every confirmed rate. InputRejected `base_rate_contradicts` where a stored row contradicts the built-in table."""
    return BUILT_IN.extended(BaseRate(row.from_on, row.bps, row.source) for row in stored(session))


def stored(session: Session) -> list[BaseRateRow]:
    """What persons confirmed, oldest half-year first."""
    return list(session.exec(select(BaseRateRow).order_by(col(BaseRateRow.from_on))))


def confirm(session: Session, rows: Iterable[BaseRate], person: str, at: datetime) -> list[BaseRate]:
    """Store the rows that are new, all of them or none, and return them; one that is known already is left out.

    What payments paid of the claims that bear interest is credited anew before the next run. InputRejected:
    `base_rate_contradicts`, `no_person`, `no_source`.
    """
    if not (person := person.strip()):
        raise InputRejected("no_person", "nobody confirms the base rate", "name who has compared it with the source")
    _one_writer(session)
    before = known(session)
    added = [row for row in before.extended(rows).rows if before.get(row.from_on) is None]
    for row in added:
        if not row.source.strip():
            raise InputRejected("no_source", "the base rate has no source", "say where it was published")
        session.add(BaseRateRow(from_on=row.from_on, bps=row.bps, source=row.source.strip(), person=person, at=at))
    entries = [
        audit.Entry(
            person,
            f"base rate {row.from_on}",
            "base_rate_confirmed",
            to_state=percent(row.bps),
            reason=row.source.strip(),
        )
        for row in added
    ]
    audit.append(session, entries, at)
    if added:
        bearing_interest = update(ClaimRow).where(col(ClaimRow.interest_from).is_not(None))
        session.connection().execute(bearing_interest.values(policy_version=TO_BE_COMPUTED))
    return added


def _one_writer(session: Session) -> None:
    """Two persons who confirm at once do it one after the other; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("LOCK TABLE base_rate IN SHARE ROW EXCLUSIVE MODE"))

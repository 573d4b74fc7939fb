"""From an empty database to the newest revision; what comes out is what the models say, to the last CHECK."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel

import tasks.store.tables  # noqa: F401  (registers the tables)
from dunning.errors import SettingsInvalid
from tasks.store.engine import Store
from tasks.store.migrate import MIGRATIONS, current_revision, migrate, newest_revision, require_newest


def test_an_empty_database_becomes_the_newest(database_url: str) -> None:
    store = Store(database_url)
    assert current_revision(store) == ""
    assert migrate(store) == migrate(store) == newest_revision() == current_revision(store)
    require_newest(store)
    store.close()


def test_another_revision_says_what_to_run(database_url: str) -> None:
    store = Store(database_url)
    with pytest.raises(SettingsInvalid) as refused:
        require_newest(store)
    store.close()
    assert refused.value.what == f"the database is at revision none, this program needs {newest_revision()}"
    assert refused.value.todo == "run: mahnlauf migrate"


@pytest.mark.parametrize("place", ["junk.db", "file/mahnlauf.db", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_a_database_that_does_not_open_is_two_lines(tmp_path: Path, place: str) -> None:
    (tmp_path / "junk.db").write_bytes(b"no database" * 1_000)
    (tmp_path / "file").touch()
    store = Store(place if "://" in place else f"sqlite:///{tmp_path / place}")
    for look in (migrate, require_newest):
        with pytest.raises(SettingsInvalid) as refused:
            look(store)
        assert refused.value.what.startswith("the database does not open: ")
        assert len(str(refused.value).splitlines()) == 2
    store.close()


def test_a_folder_that_cannot_be_made_is_two_lines(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsInvalid, match="the folder cannot be made"):
        Store(f"sqlite:///{tmp_path}/file/inside/mahnlauf.db")


def test_the_migrations_make_what_the_models_say(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_migrations_make_the_very_tables_that_the_models_make(store: Store) -> None:
    found = _shape(store)
    SQLModel.metadata.drop_all(store.engine)
    SQLModel.metadata.create_all(store.engine)
    assert found == _shape(store)
    assert all(found["claim"].values())


def _shape(store: Store) -> dict[str, dict[str, list[str]]]:
    """Columns, CHECKs, indexes and keys of every table of ours."""
    inspector = inspect(store.engine)
    looks: dict[str, Callable[[str], Any]] = {
        "columns": inspector.get_columns,
        "checks": inspector.get_check_constraints,
        "uniques": inspector.get_unique_constraints,
        "indexes": inspector.get_indexes,
        "foreign": inspector.get_foreign_keys,
        "primary": lambda table: [inspector.get_pk_constraint(table)],
    }
    return {
        table: {name: sorted(map(_plain, look(table))) for name, look in looks.items()}
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def _plain(part: object) -> str:
    """A part of a table as text, whatever objects it is made of."""
    if isinstance(part, dict):
        return str(sorted((key, _plain(value)) for key, value in part.items()))
    return str(part)


def test_a_shop_that_runs_already_keeps_every_row(database_url: str) -> None:
    """From the revision before costs were recorded: a fee gets its record, messages and their tries stay."""
    store = Store(database_url)
    _upgrade(store, "0003")
    with store.engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement))
    migrate(store)
    with store.engine.connect() as connection:
        fee = connection.execute(
            text(
                "SELECT ledger_entry.cents, cost.postage_cents, cost.effect_id FROM ledger_entry "
                "JOIN cost ON cost.id = ledger_entry.cost_id WHERE ledger_entry.kind = 'fee'"
            )
        ).one()
        assert tuple(fee) == (250, 250, "e-1")
        assert (
            connection.execute(text("SELECT count(*) FROM attempt JOIN effect ON effect.id = effect_id")).scalar() == 1
        )
        assert connection.execute(text("SELECT due_agreed, received_on FROM invoice")).one() == ("none", None)
    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(text("DELETE FROM ledger_entry"))
    with pytest.raises(IntegrityError), store.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO attempt (effect_id, n, at, worker, outcome, reason) "
                "VALUES ('e-99', 1, '2026-03-02', 'w', 'started', '')"
            )
        )
    store.close()


def _upgrade(store: Store, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


OLD_ROWS = (
    "INSERT INTO customer (number, kind, name, first_name, last_name, company, street, street_2, postal_code, city, "
    "country, email, language) VALUES ('K-1', 'consumer', '', '', '', '', '', '', '', '', 'DE', '', 'de')",
    "INSERT INTO invoice (number, kind, corrects, customer_id, order_number, subject, issued_on, due_on, due_basis, "
    "notice_286_3, owner, payment_method, payment_reference, currency, gross_cents, content_sha256) VALUES ('RE-1', "
    "'invoice', '', 1, '', '', '2026-02-01', '2026-02-15', 'document', false, 'shop', '', '', 'EUR', 10000, 'a')",
    "INSERT INTO claim (number, invoice_id, customer_id, state, level, version, open_cents, open_principal_cents, "
    "last_sent_on, last_template, answer, policy_version) VALUES ('RE-1', 1, 1, 'open', 1, 2, 10250, 10000, "
    "'2026-03-02', 'reminder', '', 'p')",
    "INSERT INTO effect (id, kind, claim_id, level, occurrence, status, payload, payload_sha256, amount_cents, "
    "claim_version, fee_cents, business_date, template, decided_at, worker, attempts, provider_id, evidence, "
    "last_error) VALUES ('e-1', 'notice_mail', 1, 1, 0, 'sent', '{}', 'a', 10000, 1, 250, '2026-03-02', 'reminder', "
    "'2026-03-02 08:00:00+00:00', 'w', 1, 'p', 'answer', '')",
    "INSERT INTO attempt (effect_id, n, at, worker, outcome, reason) VALUES ('e-1', 1, '2026-03-02 08:00:00+00:00', "
    "'w', 'sent', '')",
    "INSERT INTO ledger_entry (claim_id, kind, value_on, cents, fingerprint, note, booked_at) VALUES "
    "(1, 'invoice', '2026-02-01', 10000, 'invoice|RE-1', '', '2026-02-01 08:00:00+00:00'), "
    "(1, 'fee', '2026-03-02', 250, 'fee|e-1', '', '2026-03-02 08:00:00+00:00')",
)

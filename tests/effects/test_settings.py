"""Settings: read from environment and .env, unknown names refused, faults told without values."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from dunning.errors import SettingsInvalid
from tasks.settings import Creditor, Settings, load_settings, setting_names
from tests.effects.render.examples import lindgruen

Setter = Callable[..., None]
EXAMPLE = Path(__file__).parents[2] / "deployments" / "settings.example.env"
KEY = "SG.canary-of-a-secret"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Setter:
    """An empty folder without any of our names set; call it with NAME=value to set some."""
    monkeypatch.chdir(tmp_path)
    for name in setting_names():
        monkeypatch.delenv(name, raising=False)

    def set_names(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"MAHNLAUF_{name}", value)

    return set_names


def test_with_nothing_set_everything_lies_under_var(place: Setter, tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.home == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/mahnlauf.db"
    assert settings.outbox_dir == tmp_path / "var" / "outbox"
    assert settings.sendgrid_api_key is None
    assert settings.payment_term_days == 14
    assert settings.policy.parts[-2:] == ("deployments", "policy.yaml")
    assert settings == Settings()


def test_environment_wins_over_the_file(place: Setter, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "MAHNLAUF_CREDITOR_LEGAL_FORM=GmbH\nMAHNLAUF_CREDITOR_CITY=Köln\nOTHER=1\nMAHNLAUF_AGENCY_KEY=\n",
        encoding="utf-8",
    )
    place(CREDITOR_CITY="Berlin", HOME="elsewhere", PAYMENT_TERM_DAYS="30")
    settings = load_settings()
    assert (settings.creditor.legal_form, settings.creditor.city) == ("GmbH", "Berlin")
    assert settings.home == tmp_path / "elsewhere"
    assert settings.payment_term_days == 30
    assert settings.agency_key is None


def test_names_may_be_written_small(place: Setter, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("mahnlauf_creditor_city=Berlin\n", encoding="utf-8")
    assert load_settings().creditor.city == "Berlin"


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("SENDGRID_KEY", "MAHNLAUF_SENDGRID_API_KEY"),
        ("CREDITOR_IBANN", "MAHNLAUF_CREDITOR_IBAN"),
        ("DATABSE_URL", "MAHNLAUF_DATABASE_URL"),
        ("CREDITOR_DIRECTORS", "MAHNLAUF_CREDITOR_MANAGING_DIRECTORS"),
    ],
)
@pytest.mark.parametrize("in_file", [True, False], ids=["file", "environment"])
def test_unknown_names_are_refused_with_the_nearest(
    place: Setter, tmp_path: Path, wrong: str, near: str, in_file: bool
) -> None:
    if in_file:
        (tmp_path / ".env").write_text(f"MAHNLAUF_{wrong}={KEY}\n", encoding="utf-8")
    else:
        place(**{wrong: KEY})
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    assert f"MAHNLAUF_{wrong}" in refused.value.what
    assert near in refused.value.todo
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CREDITOR_IBAN", "DE89370400440532013001"),
        ("CREDITOR_IBAN", "DE8937040044053201300"),
        ("CREDITOR_IBAN", "SA0380000000608010167519"),
        ("CREDITOR_BIC", "COBADE"),
        ("CREDITOR_VAT_ID", "DE12345678"),
        ("CREDITOR_EMAIL", "rechnung(at)lindgruen.example"),
        ("CREDITOR_EMAIL", "Shop <rechnung@lindgruen.example>"),
        ("CREDITOR_NAME", "Lindgrün\r\nBcc: x@y.example"),
        ("CREDITOR_LEGAL_FORM", "GmbHH"),
        ("CREDITOR_COUNTRY", "Deutschland"),
        ("CREDITOR_STATE", "Berlin"),
        ("CREDITOR_STATE", "XX"),
        ("CREDITOR_PRIVACY_URL", "javascript:alert(1)"),
        ("SENDGRID_HOST", "http://api.sendgrid.com"),
        ("SENDGRID_HOST", "mail.lindgruen.example"),
        ("AGENCY_KEY", f"{KEY}:only-two"),
        ("DATABASE_URL", f"mysql://user:{KEY}@host/db"),
        ("PAYMENT_TERM_DAYS", "61"),
        ("PAYMENT_TERM_DAYS", "vierzehn"),
    ],
)
def test_a_wrong_value_is_said_in_two_lines_without_the_value(place: Setter, name: str, value: str) -> None:
    place(**{name: value})
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    assert f"MAHNLAUF_{name} " in refused.value.what
    assert "\n" not in refused.value.what + refused.value.todo
    assert f"MAHNLAUF_{name}" in refused.value.todo
    assert value not in str(refused.value)
    assert value not in str(refused.value.__cause__)


def test_several_faults_are_told_at_once(place: Setter) -> None:
    place(CREDITOR_IBAN="DE00", PAYMENT_TERM_DAYS="-1")
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    assert "MAHNLAUF_CREDITOR_IBAN" in refused.value.what
    assert "MAHNLAUF_PAYMENT_TERM_DAYS" in refused.value.what


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgresql://dun:geheim@db/mahnlauf", "postgresql+psycopg://dun:geheim@db/mahnlauf"),
        ("postgres://dun@db/mahnlauf", "postgresql+psycopg://dun@db/mahnlauf"),
        ("postgresql+psycopg://dun@db/mahnlauf", "postgresql+psycopg://dun@db/mahnlauf"),
        ("sqlite:////srv/mahnlauf.db", "sqlite:////srv/mahnlauf.db"),
    ],
)
def test_database_urls_name_their_driver(given: str, url: str) -> None:
    assert Settings(database_url=given).database_url == url


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://api.eu.sendgrid.com/", "https://api.eu.sendgrid.com"),
        ("http://127.0.0.1:8123/", "http://127.0.0.1:8123"),
        ("http://sandbox:8123", "http://sandbox:8123"),
        ("https://agency.example/api/v2/", "https://agency.example/api/v2"),
    ],
)
def test_addresses_end_without_slash(given: str, url: str) -> None:
    assert Settings(sendgrid_host=given).sendgrid_host == url


def test_keys_and_passwords_do_not_show() -> None:
    settings = Settings.model_validate(
        {"sendgrid_api_key": KEY, "agency_key": f"id:user:{KEY}", "database_url": f"postgresql://dun:{KEY}@db/m"}
    )
    assert KEY not in repr(settings) + str(settings)
    assert settings.sendgrid_api_key is not None
    assert settings.sendgrid_api_key.get_secret_value() == KEY


def test_settings_and_creditor_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().payment_term_days = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        lindgruen().iban = ""  # type: ignore[misc]


@pytest.mark.parametrize(
    ("form", "emptied", "missing"),
    [
        ("GmbH", "managing_directors", ["MANAGING_DIRECTORS"]),
        ("UG (haftungsbeschränkt)", "register_number", ["REGISTER_NUMBER"]),
        ("AG", "managing_directors", ["MANAGING_DIRECTORS"]),
        ("GmbH & Co. KG", "managing_directors", ["MANAGING_DIRECTORS"]),
        ("GmbH i. L.", "register_court", ["REGISTER_COURT"]),
        ("e. K.", "register_court", ["REGISTER_COURT"]),
        ("e.K.", "managing_directors", []),
        ("OHG", "managing_directors", []),
        ("GbR", "register_court", []),
        ("Einzelunternehmen", "register_number", []),
        ("GbR", "street", ["STREET"]),
        ("GmbH", "account_holder", ["ACCOUNT_HOLDER"]),
        ("GmbH", "iban", ["IBAN", "BIC"]),
        ("GmbH", "phone", ["PHONE"]),
        ("GmbH", "email", ["EMAIL"]),
        ("GmbH", "bank_name", []),
    ],
)
def test_what_is_missing_depends_on_the_legal_form(form: str, emptied: str, missing: list[str]) -> None:
    creditor = lindgruen(**{"legal_form": form, emptied: ""})
    assert creditor.missing() == tuple(f"MAHNLAUF_CREDITOR_{name}" for name in missing)


def test_an_empty_creditor_misses_what_every_form_needs() -> None:
    missing = Creditor().missing()
    assert "MAHNLAUF_CREDITOR_NAME" in missing
    assert "MAHNLAUF_CREDITOR_LEGAL_FORM" in missing
    assert set(missing) < set(setting_names())
    assert "MAHNLAUF_AGENCY_NAME" in Settings(creditor=lindgruen()).missing()


@pytest.mark.parametrize(
    ("name", "form", "full"),
    [
        ("Lindgrün Versand GmbH", "GmbH", "Lindgrün Versand GmbH"),
        ("Lindgrün Versand", "GmbH", "Lindgrün Versand GmbH"),
        ("Lindgrün UG (haftungsbeschränkt)", "UG (haftungsbeschränkt)", "Lindgrün UG (haftungsbeschränkt)"),
        ("Lindgrün GmbH & Co. KG", "GmbH & Co. KG", "Lindgrün GmbH & Co. KG"),
        ("Die Bibliothek", "e.K.", "Die Bibliothek e.K."),
        ("Anna Lindgrün", "Einzelunternehmen", "Anna Lindgrün"),
    ],
)
def test_the_firm_carries_its_legal_form_once(name: str, form: str, full: str) -> None:
    assert lindgruen(name=name, legal_form=form).full_name == full


def test_iban_is_kept_without_blanks_and_finds_its_bic() -> None:
    assert lindgruen().iban == "DE89370400440532013000"
    assert lindgruen().bic == "COBADEFFXXX"
    assert lindgruen(bic="COBADEFF").bic == "COBADEFF"


def test_the_example_file_names_every_setting_and_is_valid(place: Setter, tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    named = [line.lstrip("# ").split("=")[0] for line in lines if "=" in line]
    assert sorted(named) == sorted(setting_names())
    filled = tmp_path / "filled.env"
    filled.write_text("\n".join(line.lstrip("# ") for line in lines if "=" in line), encoding="utf-8")
    assert load_settings(filled).creditor.missing() == ()
    assert load_settings(EXAMPLE).sendgrid_api_key is None


def test_a_wrong_iban_is_said_once(place: Setter) -> None:
    place(CREDITOR_IBAN="DE00")
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    assert refused.value.what == "MAHNLAUF_CREDITOR_IBAN is no valid IBAN (length or check digits)."

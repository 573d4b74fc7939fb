"""The commands as they are typed: amounts to the cent as text, refusals with exit code 2 and what to do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.store import audit
from tasks.store.engine import Store
from tests.effects.base_rates.test_answers import Bundesbank
from tests.support.bundesbank import interface_csv, sdmx, website_csv
from tests.support.faulty_server import FaultyServer
from tests.support.shell import Shell

EXAMPLE = "interest --principal 10000.00 --from 2025-08-02 --until 2025-09-16 --debtor business"
NEXT_YEAR = "interest --principal 199.95 --from 2027-01-05 --until 2027-02-01 --debtor consumer --json"
ADD = ["base-rate", "add", "--from", "2027-01-01", "--rate", "1.27", "--source", "Bundesanzeiger", "--person", "Maren"]


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    return Shell(capsys, monkeypatch, tmp_path)


def stored(shell: Shell) -> list[str]:
    """Half-years that somebody confirmed."""
    rows = shell("base-rate list --json").json
    return [row["from"] for row in rows if row["confirmed_by"] != "ships with the program"]


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with FaultyServer(Bundesbank()) as running:
        yield running


def test_the_example_to_the_cent(shell: Shell) -> None:
    done = shell(f"{EXAMPLE} --json")
    assert (done.code, done.err) == (0, "")
    (said,) = done.json
    (segment,) = said.pop("segments")
    assert said == {
        "from": "2025-08-02", "until": "2025-09-16", "days": 45, "margin": "9.00", "day_count": "act/act",
        "interest": "126.62", "daily": "2.81",
    }  # fmt: skip
    assert segment.pop("source").startswith("Bundesbank series")
    assert segment == {
        "from": "2025-08-02", "until": "2025-09-16", "days": 45, "principal": "10000.00", "base_rate": "1.27",
        "rate": "10.27", "amount": "126.62",
    }  # fmt: skip


def test_people_see_how_it_comes_about(shell: Shell) -> None:
    done = shell("interest --principal 10000.00 --from 2026-06-01 --until 2026-08-01 --debtor business")
    assert done.code == 0
    assert "interest: 173.76 for 61 days (act/act)" in done.out
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.out.splitlines() if "│" in line]
    assert rows == [
        ["2026-06-01", "2026-07-01", "30", "10000.00", "1.27", "10.27", "84.41"],
        ["2026-07-01", "2026-08-01", "31", "10000.00", "1.52", "10.52", "89.35"],
    ]
    assert "from 2026-08-01 on: 2.88 a day" in done.out
    assert "base rate 1.52 %: secondary: " in done.out


@pytest.mark.parametrize(
    ("options", "rate"),
    [
        ("--debtor consumer", "6.52"),
        ("--debtor unknown", "6.52"),
        ("--debtor business", "10.52"),
        ("--debtor business --damages", "6.52"),
        ("--debtor business --arisen-on 2014-07-28", "9.52"),
        ("--debtor business --arisen-on 2014-07-29", "10.52"),
    ],
)
def test_the_debtor_decides_the_rate(shell: Shell, options: str, rate: str) -> None:
    (said,) = shell(f"interest --principal 1.00 --from 2026-08-01 --until 2026-08-02 {options} --json").json
    assert said["segments"][0]["rate"] == rate


def test_the_daily_amount_of_an_unknown_half_year_is_not_guessed(shell: Shell) -> None:
    command = "interest --principal 1000.00 --from 2026-12-01 --until 2027-01-01 --debtor consumer"
    assert shell(f"{command} --json").json[0]["daily"] is None
    assert "from 2027-01-01 on: unknown, its base rate is not confirmed" in shell(command).out


def test_nothing_owed_costs_nothing(shell: Shell) -> None:
    (said,) = shell("interest --principal -5.00 --from 2026-08-01 --until 2026-09-01 --debtor consumer --json").json
    assert (said["interest"], said["segments"], said["daily"]) == ("0.00", [], "0.00")


@pytest.mark.parametrize("command", [NEXT_YEAR, NEXT_YEAR.replace("2027-01-05", "2026-12-31")])
def test_an_unknown_half_year_is_refused(shell: Shell, command: str) -> None:
    done = shell(command)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "the base rate of the half-year from 2027-01-01 is not confirmed",
        "add the row with `mahnlauf base-rate add --from 2027-01-01 --rate ... --source ... --person ...`",
    ]


@pytest.mark.parametrize(
    ("country", "debtor", "interest", "rate"),
    [
        ("DE", "consumer", "5.36", "6.52"),
        ("DE", "business", "8.65", "10.52"),
        ("AT", "consumer", "3.29", "4.00"),
        ("AT", "business", "8.82", "10.73"),
        ("at", "unknown", "3.29", "4.00"),
        ("AT", "business --damages", "3.29", "4.00"),
        ("CH", "consumer", "4.11", "5.00"),
        ("CH", "business", "4.11", "5.00"),
        ("EU", "business", "8.55", "10.40"),
    ],
)
def test_the_law_of_a_country(shell: Shell, country: str, debtor: str, interest: str, rate: str) -> None:
    command = f"interest --principal 1000.00 --from 2026-08-02 --until 2026-09-01 --debtor {debtor}"
    done = shell(f"{command} --country {country} --json")
    assert (done.code, done.err) == (0, "")
    assert (done.json[0]["interest"], done.json[0]["segments"][0]["rate"]) == (interest, rate)
    source = done.json[0]["segments"][0]["source"]
    assert source in shell(f"{command} --country {country}").out
    assert country != "DE" or shell(f"{command} --json") == done


@pytest.mark.parametrize(
    ("options", "what", "todo"),
    [
        (
            "--debtor business --country FR",
            "there are no rules for the country 'FR': no interest and no fees",
            "collect by hand, or write it into deployments/jurisdictions.yaml (there: AT, CH, EU)",
        ),
        (
            "--debtor consumer --country EU",
            "European Union, minimum: no rule for consumers",
            "no interest and no fees: collect by hand, by the law of the debtor's country",
        ),
        (
            "--debtor business --country AT --arisen-on 2014-07-28",
            "--arisen-on decides in Germany only",
            "leave it out",
        ),
        (
            "--debtor business --country AT --count-payment-day",
            "the OeNB base rate of the half-year from 2027-01-01 is not known",
            "write its row with its source into deployments/jurisdictions.yaml",
        ),
    ],
)
def test_what_a_country_does_not_know_is_refused(shell: Shell, options: str, what: str, todo: str) -> None:
    done = shell(f"interest --principal 1000.00 --from 2026-12-01 --until 2027-01-01 {options}")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [what, todo]


def test_the_payment_day_counts_where_it_is_asked_for(shell: Shell) -> None:
    """The court file of BGH III ZR 91/07: 45.42 without the day of payment, 10 March 2006."""
    command = "interest --principal 543.00 --from 2004-11-03 --until 2006-03-10 --debtor consumer --json"
    usual, counted = shell(command).json[0], shell(f"{command} --count-payment-day").json[0]
    assert (usual["interest"], usual["days"], usual["until"]) == ("45.42", 492, "2006-03-10")
    assert (counted["interest"], counted["days"], counted["until"]) == ("45.52", 493, "2006-03-11")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("10000.00", "10.000,00"), "an amount is not a plain decimal"),
        (("10000.00", "0.001"), "an amount has a part of a cent"),
        (("2025-09-16", "2025-08-01"), "the period ends on 2025-08-01"),
        (("2025-08-02", "2001-12-31"), "2001-12-31 has no base rate"),
        (("2025-08-02", "2025-02-30"), "Invalid value for '--from'"),
        (("business", "friend"), "Invalid value for '--debtor'"),
    ],
)
def test_what_makes_no_sense_is_refused(shell: Shell, change: tuple[str, str], said: str) -> None:
    done = shell(EXAMPLE.replace(*change))
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_confirmed_row_makes_the_half_year_known(shell: Shell) -> None:
    assert shell(ADD).out == "1.27 % from 2027-01-01: confirmed\n"
    (said,) = shell(NEXT_YEAR).json
    assert (said["interest"], said["segments"][0]["source"]) == ("0.93", "Bundesanzeiger")
    assert shell(ADD).out == "1.27 % from 2027-01-01: was known already\n"
    assert shell("base-rate list --json").json[-1] == {
        "from": "2027-01-01", "rate": "1.27", "confirmed_by": "Maren", "source": "Bundesanzeiger",
    }  # fmt: skip
    store = Store(f"sqlite:///{shell.home}/var/mahnlauf.db")
    with store.read() as session:
        assert audit.verify(session) is None
    store.close()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--rate", "1.72", "the base rate from 2027-01-01 is 1.27 %, not 1.72 %"),
        ("--rate", "much", "a base rate is not a number of per cent"),
        ("--rate", "52", "a base rate of 52.00 % cannot be"),
        ("--from", "2026-07-01", "the base rate from 2026-07-01 is 1.52 %, not 1.27 %"),
        ("--from", "2027-02-01", "no base rate begins on 2027-02-01"),
        ("--person", "", "nobody confirms the base rate"),
    ],
)
def test_a_wrong_row_is_refused(shell: Shell, option: str, value: str, said: str) -> None:
    shell(ADD)
    words = list(ADD)
    words[words.index(option) + 1] = value
    done = shell(words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert len(done.err.splitlines()) == 2
    assert stored(shell) == ["2027-01-01"]


def test_all_rates_are_listed_with_their_sources(shell: Shell) -> None:
    rows = shell("base-rate list --json").json
    assert (len(rows), rows[0]["from"], rows[-1]["from"]) == (50, "2002-01-01", "2026-07-01")
    assert all(row["source"] and row["confirmed_by"] == "ships with the program" for row in rows)
    assert "2026-07-01" in shell("base-rate list").out


@pytest.mark.parametrize("form", [sdmx, interface_csv, website_csv])
def test_an_answer_is_proposed_and_stored_only_with_a_name(shell: Shell, form: Any) -> None:
    (shell.home / "answer").write_bytes(form())
    done = shell("base-rate load answer")
    assert done.code == 0
    assert "2027-01-01" in done.out
    assert "2 rows are known already" in done.out
    assert "nothing was stored" in done.out
    assert stored(shell) == []
    assert shell("base-rate load answer --person Maren --json").json[0]["rate"] == "1.27"
    assert stored(shell) == ["2027-01-01"]
    again = shell("base-rate load answer")
    assert "New base rates: none" in again.out
    assert "3 rows are known already" in again.out
    assert "nothing was stored" not in again.out


@pytest.mark.parametrize("person", ["", "--person Maren"])
def test_an_answer_that_contradicts_is_refused_whole(shell: Shell, person: str) -> None:
    (shell.home / "answer").write_bytes(sdmx({"2026-07": "1.62", "2027-01": "1.27"}))
    done = shell(f"base-rate load answer {person}")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("the base rate from 2026-07-01 is 1.52 %, not 1.62 %")
    assert stored(shell) == []


def test_an_address_is_asked(shell: Shell, server: FaultyServer) -> None:
    for words in (f"{server.url}/x", f"--url {server.url}/x", f"{server.url}/x --url"):
        (row,) = shell(f"base-rate load {words} --json").json
        assert (row["from"], row["rate"]) == ("2027-01-01", "1.27")
        assert f"{server.url}/x" in row["source"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "no file is named"),
        ("nowhere.xml", "nowhere.xml: the file cannot be read"),
        (".", ".: the file cannot be read"),
        ("http://api.statistiken.bundesbank.de/x", "base rates are fetched by https only"),
    ],
)
def test_without_an_answer_nothing_is_loaded(shell: Shell, words: str, said: str) -> None:
    done = shell(f"base-rate load {words}")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)

"""What the Bundesbank answers becomes rows: three forms, half-years only, and nothing that is not there."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from dunning.base_rates import BUILT_IN, SERIES
from dunning.errors import EffectUnavailable, InputRejected, SettingsInvalid
from tasks.base_rates import ACCEPT, SERIES_URL, fetch, read_rates
from tests.support.bundesbank import MONTHS, interface_csv, sdmx, website_csv
from tests.support.faults import FaultPlan, Reply
from tests.support.faulty_server import FaultyServer, Journal, Received

FORMS = [sdmx, interface_csv, website_csv]
Form = Callable[..., bytes]


class Bundesbank:
    """Serves an answer to whoever names a form, as the real interface does."""

    def __init__(self) -> None:
        self.asked: list[Received] = []

    def name_of(self, request: Received) -> str:
        return request.path

    def serve(self, request: Received, journal: Journal) -> Reply:
        self.asked.append(request)
        wanted = "genericdata+xml" in request.headers.get("accept", "")
        return Reply(200, {"Content-Type": "application/xml"}, sdmx()) if wanted else Reply(406)


@pytest.fixture
def bundesbank() -> Bundesbank:
    return Bundesbank()


@pytest.fixture
def server(bundesbank: Bundesbank) -> Iterator[FaultyServer]:
    with FaultyServer(bundesbank, plan=FaultPlan()) as running:
        yield running


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_the_same_half_years(form: Form) -> None:
    rows = read_rates(form(), "answer.xml")
    assert [(row.from_on, row.bps) for row in rows] == [
        (date(2026, 1, 1), 127),
        (date(2026, 7, 1), 152),
        (date(2027, 1, 1), 127),
    ]
    BUILT_IN.extended(rows)


@pytest.mark.parametrize("form", FORMS)
def test_a_row_says_where_it_comes_from(form: Form) -> None:
    (first, *_), (other, *_) = read_rates(form(), "a.xml"), read_rates(form({"2027-01": "1.27"}), "b.xml")
    assert first.source.startswith(f"Bundesbank series {SERIES}, a.xml, sha256 ")
    assert other.source.startswith(f"Bundesbank series {SERIES}, b.xml, sha256 ")
    assert len(first.source.rpartition(" ")[2]) == 12
    assert first.source.rpartition(" ")[2] != other.source.rpartition(" ")[2]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("nothing", ["", ".", "-", "NaN"])
def test_a_month_without_a_value_is_no_rate(form: Form, nothing: str) -> None:
    rows = read_rates(form({"2026-12": "1.52", "2027-01": nothing}), "a")
    assert [row.from_on for row in rows] == [date(2026, 7, 1)]


@pytest.mark.parametrize("form", FORMS)
def test_one_month_is_enough_and_nothing_is_carried_on(form: Form) -> None:
    rows = read_rates(form({"2026-06": "1.27", "2027-03": "-0.50"}), "a")
    assert [(row.from_on, row.bps) for row in rows] == [(date(2026, 1, 1), 127), (date(2027, 1, 1), -50)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("months", "reason"),
    [
        ({"2027-01": "1.27", "2027-02": "1.52"}, "months_disagree"),
        ({"2027-01": "1.275"}, "rate_not_a_number"),
        ({"2027-01": "127.00"}, "rate_not_a_number"),
        ({"2027-01": "52.00"}, "rate_out_of_range"),
        ({"2001-12": "2.71"}, "no_rates"),
        ({"2027-01": "."}, "no_rates"),
        ({}, "no_rates"),
    ],
)
def test_what_cannot_be_a_base_rate_is_refused_whole(form: Form, months: dict[str, str], reason: str) -> None:
    with pytest.raises(InputRejected) as refused:
        read_rates(form(months), "a")
    assert refused.value.reason == reason


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "series", ["BBIN1.M.DE.BBK.BBKBAS1.EUR.ME", "BBIN1.A.DE.BBK.BBKBAS2.EUR.ME", "BBEX3.D.USD.EUR.BB.AC.000"]
)
def test_another_series_is_refused(form: Form, series: str) -> None:
    with pytest.raises(InputRejected) as refused:
        read_rates(form(MONTHS, series), "a")
    assert refused.value.reason == "other_series"
    assert (refused.value.what, refused.value.todo) == ("the answer is of another series", f"fetch series {SERIES}")


@pytest.mark.parametrize("form", FORMS)
def test_the_first_month_of_the_paragraph_counts(form: Form) -> None:
    assert [(row.from_on, row.bps) for row in read_rates(form({"2001-12": "2.71", "2002-01": "2.57"}), "a")] == [
        (date(2002, 1, 1), 257)
    ]


def test_an_answer_without_rates_says_so() -> None:
    with pytest.raises(InputRejected) as refused:
        read_rates(sdmx({}), "a")
    assert refused.value.what == "the answer has no base rate in it"
    assert refused.value.todo == "fetch it again, or add the row by hand"


def test_half_years_with_two_rates_are_named() -> None:
    with pytest.raises(InputRejected) as refused:
        read_rates(sdmx({"2027-02": "1.52", "2027-01": "1.27"}), "a")
    assert refused.value.what == "the half-year from 2027-01-01 has 1.27 % and 1.52 %"
    assert refused.value.todo == "compare with bundesbank.de; nothing was taken"


@pytest.mark.parametrize("form", [sdmx, interface_csv])
@pytest.mark.parametrize("month", ["2027", "2027-13", "2027-00", "2027-Q1", "2027-01-01", ""])
def test_an_observation_has_a_month(form: Form, month: str) -> None:
    with pytest.raises(InputRejected) as refused:
        read_rates(form({month: "1.27"}), "a")
    assert refused.value.reason == "not_readable"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not_readable"),
        (b"\n\n", "not_readable"),
        (b'{"data": {"dataSets": []}}', "not_readable"),
        (b"%PDF-1.7\n", "not_readable"),
        (b"\xff\xfe\x00nonsense", "not_readable"),
        (b"TIME_PERIOD;OBS_VALUE\n2027-01;1.27\n", "not_readable"),
        (b'"2027-01\x00;"' + b"x" * 200_000, "not_readable"),
        (b"<html><body>Please log in.</body></html>", "not_readable"),
        (b"<message", "not_readable"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "dtd_refused"),
        (interface_csv().splitlines()[0] + b"\nBBK;M\n", "other_series"),
    ],
)
def test_what_is_no_answer_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(InputRejected) as refused:
        read_rates(raw, "a")
    assert refused.value.reason == reason


def test_a_form_that_is_not_read_is_told_which_are() -> None:
    with pytest.raises(InputRejected) as refused:
        read_rates(b'{"data": {}}', "a")
    assert refused.value.what == "the answer is no answer of the Bundesbank's interface"
    assert refused.value.todo == f"fetch series {SERIES} as SDMX-ML or CSV; JSON and others are not read"


def test_comma_separated_answers_are_read_too() -> None:
    raw = b"TIME_PERIOD,OBS_VALUE,BBK_ID\n2027-01,1.27,BBIN1.M.DE.BBK.BBKBAS2.EUR.ME\n\n"
    assert [row.bps for row in read_rates(raw, "a")] == [127]
    with_remark = raw.replace(b"BBK_ID\n", b"BBK_ID,BBK_TITLE\n").replace(b"ME\n", b'ME,"a; b"\n')
    assert [row.bps for row in read_rates(with_remark, "a")] == [127]


def test_a_row_that_is_cut_off_is_left_out() -> None:
    assert [row.from_on for row in read_rates(website_csv() + b"\r\n2027-07", "a")][-1] == date(2027, 1, 1)


def test_the_address_is_the_series_of_the_law() -> None:
    assert SERIES_URL == (
        "https://api.statistiken.bundesbank.de/rest/download/BBIN1/M.DE.BBK.BBKBAS2.EUR.ME?format=sdmx&lang=de"
    )


def test_an_answer_is_fetched(server: FaultyServer, bundesbank: Bundesbank) -> None:
    assert fetch(f"{server.url}/rest/download/x?format=sdmx") == sdmx()
    (request,) = bundesbank.asked
    assert (request.method, request.path) == ("GET", "/rest/download/x?format=sdmx")
    assert request.headers["accept"] == ACCEPT


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("404", "an answer with status 404"),
        ("302", "an answer with status 302"),
        ("503", "an answer with status 503"),
        ("drop_unread", "no answer (RemoteProtocolError)"),
    ],
)
def test_no_answer_is_said_and_may_be_tried_again(bundesbank: Bundesbank, fault: str, said: str) -> None:
    with FaultyServer(bundesbank, plan=FaultPlan([fault])) as server, pytest.raises(EffectUnavailable) as unavailable:
        fetch(f"{server.url}/x")
    assert unavailable.value.what == f"the base rates could not be fetched: {said}"
    assert unavailable.value.todo == "try again, or load a downloaded file"


@pytest.mark.parametrize(
    "url", ["http://api.statistiken.bundesbank.de/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "x"]
)
def test_rates_are_not_fetched_over_an_open_line(url: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        fetch(url)
    assert refused.value.what == "base rates are fetched by https only"
    assert refused.value.todo == f"give an address such as {SERIES_URL}"

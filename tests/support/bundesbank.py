"""Answers for the series of the base rate, of our own making, in the forms that the Bundesbank gives."""

from collections.abc import Mapping

SERIES = "BBIN1.M.DE.BBK.BBKBAS2.EUR.ME"
MONTHS = {
    "2001-12": "2.71", "2026-05": "1.27", "2026-06": "1.27", "2026-07": "1.52", "2026-08": "1.52", "2026-12": "1.52",
    "2027-01": "1.27", "2027-02": "1.27",
}  # fmt: skip
"""A stretch with a half-year that does not ship with the program."""

_SDMX = """<?xml version="1.0" encoding="UTF-8"?>
<message:GenericData xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
    xmlns:generic="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic">
  <message:Header><message:ID>made-up</message:ID><message:Prepared>2027-03-01T08:00:00</message:Prepared></message:Header>
  <message:DataSet><generic:Series>
    <generic:SeriesKey>{key}</generic:SeriesKey>
    <generic:Attributes><generic:Value id="BBK_UNIT" value="PERCENT"/></generic:Attributes>
    {observations}
  </generic:Series></message:DataSet>
</message:GenericData>
"""


def sdmx(months: Mapping[str, str] = MONTHS, series: str = SERIES) -> bytes:
    """SDMX-ML, generic data."""
    key = "".join(f'<generic:Value id="D{n}" value="{part}"/>' for n, part in enumerate(series.split(".")[1:]))
    observations = "".join(
        f'<generic:Obs><generic:ObsDimension id="TIME_PERIOD" value="{month}"/>'
        f'<generic:ObsValue value="{value}"/></generic:Obs>'
        for month, value in months.items()
    )
    return _SDMX.format(key=key, observations=observations).encode()


def interface_csv(months: Mapping[str, str] = MONTHS, series: str = SERIES) -> bytes:
    """The interface's CSV: a column for each dimension, with a byte order mark."""
    names = "DATAFLOW;BBK_STD_FREQ;TIME_PERIOD;OBS_VALUE;TIME_FORMAT;BBK_ID;BBK_UNIT;BBK_TITLE"
    lines = [
        f'BBK:BBIN1(1.0);M;{month};{value};P1M;{series};PERCENT;"Basiszinssatz; BGB"' for month, value in months.items()
    ]
    return "\n".join([names, *lines, ""]).encode("utf-8-sig")


def website_csv(months: Mapping[str, str] = MONTHS, series: str = SERIES) -> bytes:
    """The website's CSV: titles and remarks around the months, decimal comma."""
    lines = [
        f'"";{series};{series}_FLAGS',
        '"";Basiszinssatz gemäß BGB / Stand am Monatsende;',
        "Einheit;% p.a.;",
        *(f"{month};{value if value == '.' else value.replace('.', ',')};" for month, value in months.items()),
        '"";Bemerkung zu 2027-01: made up;',
    ]
    return "\r\n".join(lines).encode("utf-8-sig")

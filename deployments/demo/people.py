"""The customers of the sample shop: consumers and businesses, all invented."""
# ruff: noqa: SIM905 - lists of names read better as words

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FIRST_NAMES = """
    Anneliese Birte Carsten Dagmar Enno Frauke Gesa Hauke Ilka Jürgen Kerstin Lothar Mareike Norbert Ocke
    Petra Quirin Rieke Sönke Telse Uwe Vroni Wiebke Xaver Yvonne Zdenka Achim Beate Clemens Dörte
""".split()
LAST_NAMES = """
    Ahlers Brömmel Claasen Dierksen Eichwald Fährmann Grünhage Hinrichsen Immenhof Jöhnk Kleeblatt Lüttmann
    Moorbauer Niebüll Osterloh Pfefferkorn Quast Rosenbusch Süßkind Tiedemann Uhlenbrock Vogelsang
    Wiesengrund Ziegenbalg Dornbusch Haferkamp Möwe Schnoor Teegarten
""".split()
ENGLISH_NAMES = (
    ("Fiona", "Applegarth"),
    ("Gareth", "Thornbury"),
    ("Imogen", "Lockhart"),
    ("Desmond", "Okafor"),
    ("Priya", "Raman"),
)
COMPANIES = [
    name.strip()
    for name in """
    Teestube Am Deich GmbH / Gärtnerei Sonnenhang e.K. / Café Kluntje OHG / Pension Seeblick /
    Kita Löwenzahn e.V. / Hotel Zur Linde GmbH / Bioladen Rübchen /
    Yogahaus Mitte UG (haftungsbeschränkt) / Friedhofsgärtnerei Immergrün /
    Bürogemeinschaft Kontor 7 GbR / Restaurant Wattblick GmbH / Blumen Bellis e.K. /
    Kanzlei Stein & Moos PartG mbB / Landschaftsbau Feldrain GmbH / Seniorenresidenz Abendrot gGmbH /
    Tagungshaus Eulennest / Praxis Dr. Birkenfeld / Buchhandlung Leselampe /
    Hausverwaltung Dachfirst GmbH / Kulturverein Speicher e.V. / Druckerei Buchstab GmbH /
    Werbeagentur Zündholz GmbH / Feinkost Olivenhain / Baumschule Knospe KG / Reitstall Hafergarten
""".split("/")
]
STREETS = [
    name.strip()
    for name in """
    Ahornweg / Birkenstraße / Am Dorfteich / Deichgasse / Eschenallee / Fliederweg / Große Gasse /
    Hopfenmarkt / Im Winkel / Kastanienallee / Lerchenfeld / Mühlendamm / Nordwall / Obere Straße /
    Rosenhag / Schulstraße / Weidenstieg
""".split("/")
]
PLACES = [
    place.split()
    for place in """
    10115 Berlin BE / 20095 Hamburg HH / 22765 Hamburg HH / 80331 München BY / 86150 Augsburg BY /
    50667 Köln NW / 44135 Dortmund NW / 60311 Frankfurt am Main HE / 70173 Stuttgart BW /
    79098 Freiburg im Breisgau BW / 28195 Bremen HB / 30159 Hannover NI / 26122 Oldenburg NI /
    24103 Kiel SH / 25746 Heide SH / 01067 Dresden SN / 04109 Leipzig SN / 39104 Magdeburg ST /
    99084 Erfurt TH / 19053 Schwerin MV / 14467 Potsdam BB / 55116 Mainz RP / 66111 Saarbrücken SL
""".split("/")
]
"""Postal code, city (one word or more), federal state."""

FOLDED = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss", ord("é"): "e"}
MAIL_DOMAINS = ("post.example", "briefkasten.example", "nordmail.example", "inselnetz.example")

BUSINESSES = len(COMPANIES)
CONSUMERS = 95
ABROAD = "K-10033"
"""Lives in Graz: a country without a dunning procedure."""
WITHOUT_EMAIL = frozenset({"K-10012", "K-10047", "K-10071", "K-10088"})
"""Consumers who gave no e-mail address; their invoices went by post and come in as table rows."""
ENGLISH = frozenset({"K-10005", "K-10026", "K-10052", "K-10067", "K-10090"})
SPECIAL = ENGLISH | WITHOUT_EMAIL | {ABROAD}
FIRST_NUMBER = 10001


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer, as the shop's own list has it."""

    number: str
    first_name: str
    last_name: str
    company: str
    """Empty for a consumer."""
    street: str
    street_2: str
    postal_code: str
    city: str
    country: str
    state: str
    """Federal state as two letters; empty abroad."""
    email: str
    language: str
    since: date
    iban: str
    """The account from which the customer pays."""

    @property
    def business(self) -> bool:
        """Whether the customer bought as a business (Unternehmen)."""
        return bool(self.company)

    @property
    def name(self) -> str:
        """Name as written on an invoice."""
        return self.company or f"{self.first_name} {self.last_name}"


def people(rng: Random, start: date) -> tuple[Customer, ...]:
    """All customers, numbered K-10001...: consumers and businesses mixed, so that neither comes first."""
    kinds = [False] * CONSUMERS + [True] * BUSINESSES
    special = {int(number[2:]) - FIRST_NUMBER for number in SPECIAL}
    free = [index for index in range(len(kinds)) if index not in special]
    business = dict(zip(sorted(rng.sample(free, BUSINESSES)), COMPANIES, strict=True))
    english = dict(zip(sorted(ENGLISH), ENGLISH_NAMES, strict=True))
    pairs = rng.sample([(first, last) for first in FIRST_NAMES for last in LAST_NAMES], len(kinds))
    made = []
    for index, pair in enumerate(pairs):
        number = f"K-{FIRST_NUMBER + index}"
        made.append(_customer(rng, number, english.get(number, pair), business.get(index, ""), start))
    return tuple(made)


def _customer(rng: Random, number: str, name: tuple[str, str], company: str, start: date) -> Customer:
    postal_code, *words, state = rng.choice(PLACES)
    city = " ".join(words)
    country = "DE"
    if number == ABROAD:
        postal_code, city, state, country = "8010", "Graz", "", "AT"
    return Customer(
        number=number,
        first_name=name[0],
        last_name=name[1],
        company=company,
        street=f"{rng.choice(STREETS)} {rng.randint(1, 98)}",
        street_2="Hinterhaus" if rng.random() < 0.06 else "",
        postal_code=postal_code,
        city=city,
        country=country,
        state=state,
        email="" if number in WITHOUT_EMAIL else _email(rng, name, company),
        language="en" if number in ENGLISH else "de",
        since=start - timedelta(days=rng.randint(90, 2200)),
        iban=iban(rng, country),
    )


def _email(rng: Random, name: tuple[str, str], company: str) -> str:
    if company:
        return f"buchhaltung@{plain(company)}.example"
    return f"{plain(name[0])}.{plain(name[1])}@{rng.choice(MAIL_DOMAINS)}"


def plain(text: str) -> str:
    """A name as it may stand in a mail address: ASCII letters and digits, joined by hyphens."""
    folded = text.lower().translate(FOLDED)
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in folded).split()
    return "-".join(words)


def iban(rng: Random, country: str = "DE") -> str:
    """An IBAN with right check digits (ISO 13616) at a bank that does not exist."""
    if country == "AT":
        body = f"99{rng.randrange(1000):03d}{rng.randrange(10**11):011d}"
    else:
        body = f"9{rng.choice((1, 2, 3, 5))}0{rng.randrange(10**5):05d}{rng.randrange(10**10):010d}"
    return f"{country}{check_digits(country, body)}{body}"


def check_digits(prefix: str, body: str) -> str:
    """Check digits of ISO 7064 MOD 97-10, as IBAN and creditor reference (RF, ISO 11649) use them."""
    digits = "".join(str(int(letter, 36)) for letter in f"{body}{prefix}00")
    return f"{98 - int(digits) % 97:02d}"


def by_number(customers: Sequence[Customer]) -> dict[str, Customer]:
    """Customers by their number."""
    return {customer.number: customer for customer in customers}

"""How customers and their banks write a payment, and what goes wrong with it: at most one damage each."""

import random
from dataclasses import dataclass
from enum import StrEnum

from dunning.known_invoices import KnownInvoice

MEN = ("Jürgen", "Günther", "Jörg", "Björn", "Thomas", "Michael", "Andreas", "Peter", "Stefan", "Uwe", "Frank", "Klaus")
WOMEN = ("Käthe", "Bärbel", "Sabine", "Susanne", "Petra", "Monika", "Claudia", "Birgit", "Martina", "Heike", "Anna")
FIRST_NAMES = MEN + WOMEN
ROOTS = ("Mül", "Schä", "Grö", "Bäu", "Lö", "Kö", "Hof", "Stein", "Berg", "Wald", "Bach", "Holz", "Eich", "Winter")
ENDS = ("ler", "mann", "er", "meier", "berg", "bauer", "wald", "hauer", "feld", "roth")
BEFORE = ("", "", "Rechnung ", "Rechnung Nr. ", "Rg.Nr. ", "RNr: ", "Rechnungsnummer: ", "Danke! ", "Ihre Rechnung ")
AFTER = ("", "", " vom 02.09.2026", " v. 2.9.26", " Danke", ", Kd.Nr. {customer}", " Kunde {customer}", " {name}")
NO_NUMBER = ("Danke", "Rechnung", "Teebestellung", "{name}", "Ihre Lieferung vom 2.9.", "Kd.Nr. {customer}")
BETWEEN = (" ", ", ", " und ", " + ", " u. ", "; ", " / ")
SEPARATORS = (*[("-", "-")] * 3, (" ", " "), (" ", "-"), ("/", "/"), (" ", "/"), (".", "."))
"""What stands before and after the year of a number."""


class Damage(StrEnum):
    """What went wrong with a payment."""

    NONE = "none"
    DIGITS_SWAPPED = "digits swapped"
    DIGIT_MISSING = "digit missing"
    DIGIT_WRONG = "digit wrong"
    WRONG_YEAR = "wrong year"
    BLANK_INSIDE = "blank inside"
    PREFIX_DROPPED = "prefix dropped"
    """Only 2026-0417, 0417 or 417 is left of every number."""
    WRONG_CASE = "wrong case"
    CUT = "cut at 27 characters"
    JOINED = "joined"
    """No blank between the number and what stands beside it; of further numbers only the last digits, or all."""
    NO_NUMBER = "no number"
    UMLAUT_LOST = "umlaut lost"
    OTHER_PAYER = "other payer"
    DISCOUNT = "2 % discount"


@dataclass(slots=True)
class Draft:
    """A payment while it is written."""

    customer: str
    name: str
    numbers: list[str]
    payer: str
    cents: int
    before: str
    between: str
    after: str

    @property
    def text(self) -> str:
        """What stands in the remittance information."""
        whole = self.before + self.between.join(self.numbers) + self.after
        return whole.format(customer=self.customer, name=self.name).strip()


def drafted(rng: random.Random, paid: list[KnownInvoice], cents: int) -> Draft:
    """A payment without any damage."""
    before_year, after_year = rng.choice(SEPARATORS)
    numbers = [each.number.replace("-", before_year, 1).replace("-", after_year, 1) for each in paid]
    name, between = paid[0].customer_name, rng.choice(BETWEEN)
    draft = Draft(paid[0].customer_number, name, numbers, _as_payer(rng, name), cents, "", between, "")
    draft.before, draft.after = rng.choice(BEFORE), rng.choice(AFTER)
    return draft


def person(rng: random.Random) -> str:
    return f"{rng.choice(FIRST_NAMES)} {surname(rng)}"


def surname(rng: random.Random) -> str:
    return rng.choice(ROOTS) + rng.choice(ENDS)


def _as_payer(rng: random.Random, name: str) -> str:
    """A name as banks and holders of accounts write it."""
    as_bank = name.upper().replace("Ä", "AE").replace("Ö", "OE").replace("Ü", "UE")
    if name.endswith("GmbH"):
        return rng.choice([name, name, as_bank, f"{name} & Co. KG"])
    first, last = name.split()
    joint = f"{first} und {rng.choice(FIRST_NAMES)} {last}"
    return rng.choice([name, name, as_bank, f"{last}, {first}", f"Dr. {name}", joint])


def damaged(rng: random.Random, draft: Draft, damage: Damage) -> tuple[Draft, str]:
    """The draft after its damage, and its text."""
    which = rng.randrange(len(draft.numbers))
    match damage:
        case Damage.PREFIX_DROPPED:
            kept = rng.choice([7, 8, 4, 4])
            draft.numbers = [each[-kept:].lstrip(" -/.0") for each in draft.numbers]
        case Damage.JOINED:
            _join(rng, draft)
        case Damage.NO_NUMBER:
            draft.numbers, draft.before, draft.after = [], "", rng.choice(NO_NUMBER)
        case Damage.UMLAUT_LOST:
            draft.payer = draft.payer.translate(str.maketrans("ÄÖÜäöü", rng.choice(["AOUaou", "??????"])))
        case Damage.OTHER_PAYER:
            draft.payer = f"{rng.choice(FIRST_NAMES)} {rng.choice([draft.name.split()[1], surname(rng)])}"
        case Damage.DISCOUNT:
            draft.cents -= draft.cents // 50
        case Damage.CUT:
            return draft, draft.text[:27]
        case Damage.WRONG_CASE:
            return draft, rng.choice([str.lower, str.upper, str.swapcase])(draft.text)
        case Damage.NONE:
            pass
        case _:
            draft.numbers[which] = _mistyped(rng, draft.numbers[which], damage)
    return draft, draft.text


def _join(rng: random.Random, draft: Draft) -> None:
    sign = rng.choice("+,/&")
    if rng.random() < 0.5:
        draft.numbers[1:] = [each[-4:] for each in draft.numbers[1:]]
    draft.between = sign
    draft.after = sign + draft.after.strip(" ,") if draft.after else ""


def _mistyped(rng: random.Random, number: str, damage: Damage) -> str:
    """A number with one slip in it."""
    if damage is Damage.WRONG_YEAR:
        return number.replace("2025", "X").replace("2026", "2025").replace("X", "2026")
    digits = [place for place, char in enumerate(number) if char.isdigit()]
    place = rng.choice([each for each in digits[:-1] if number[each + 1].isdigit()])
    here, after = number[place], number[place + 1 :]
    if damage is Damage.DIGITS_SWAPPED:
        unequal = [each for each in digits[:-1] if number[each + 1].isdigit() and number[each + 1] != number[each]]
        place = rng.choice(unequal)
        return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if damage is Damage.DIGIT_MISSING:
        return number[:place] + after
    if damage is Damage.BLANK_INSIDE:
        return number[: place + 1] + " " + after
    return number[:place] + rng.choice([each for each in "0123456789" if each != here]) + after

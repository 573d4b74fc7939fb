"""The creditor (Gläubiger): sender of every notice, and the only bank account that is ever printed.

Which particulars a business letter must show depends on the legal form; `missing` says what is still empty.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from dunning.holidays_de import STATES

_REGISTER = ("register_court", "register_number")
_COMPANY = (*_REGISTER, "managing_directors")

LEGAL_FORMS: Mapping[str, tuple[str, ...]] = {
    "gmbh": _COMPANY,
    "ggmbh": _COMPANY,
    "ug": _COMPANY,  # § 35a GmbHG
    "ag": _COMPANY,
    "se": _COMPANY,
    "kgaa": _COMPANY,  # § 80 AktG
    "eg": _COMPANY,  # § 25a GenG
    "gmbh&cokg": _COMPANY,
    "ug&cokg": _COMPANY,
    "gmbh&coohg": _COMPANY,  # § 177a HGB, § 35a GmbHG
    "ohg": _REGISTER,
    "kg": _REGISTER,  # § 125 HGB
    "ek": _REGISTER,
    "ekfm": _REGISTER,
    "ekfr": _REGISTER,  # § 37a HGB
    "partg": _REGISTER,
    "partgmbb": _REGISTER,  # § 7 PartGG
    "gbr": (),
    "egbr": (),
    "einzelunternehmen": (),
    "freiberufler": (),
    "ev": (),
    "stiftung": (),
}
"""What business letters must say beside name and address, by `form_key` of the legal form."""

_ALWAYS = (
    "name",
    "legal_form",
    "street",
    "postal_code",
    "city",
    "account_holder",
    "iban",
    "bic",
    "email",
    "phone",
    "hours",
    "privacy_url",
)


def form_key(legal_form: str) -> str:
    """How a legal form is looked up: `UG (haftungsbeschränkt) i. L.` -> `ug`."""
    bare = legal_form.casefold().replace("(haftungsbeschränkt)", "").strip()
    return re.sub(r"[\s.]", "", re.sub(r"\bi\.\s?l\.?$", "", bare))


def _text(value: str) -> str:
    if not value.isprintable():
        raise ValueError("has a control character or a line break")
    return " ".join(value.split())


def _legal_form(value: str) -> str:
    if value and form_key(value) not in LEGAL_FORMS:
        raise ValueError("is no legal form we know, such as GmbH, UG, GmbH & Co. KG, AG, e.K., KG, GbR, e.V.")
    return value


def _iban(value: str) -> str:
    if not value:
        return value
    try:
        iban = IBAN(value)
    except SchwiftyException as error:
        raise ValueError("is no valid IBAN (length or check digits)") from error
    if not iban.in_sepa_zone:
        raise ValueError("is not in the SEPA area")
    return str(iban.compact)


def _bic(value: str) -> str:
    if not value:
        return value
    try:
        return str(BIC(value).compact)
    except SchwiftyException as error:
        raise ValueError("is no BIC (8 or 11 characters)") from error


def _bic_of(data: dict[str, Any]) -> str:
    """The BIC that belongs to the IBAN, where the registry of banks knows it."""
    return str(IBAN(data["iban"]).bic or "") if data.get("iban") else ""


def _email(value: str) -> str:
    if not value:
        return value
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError("is no e-mail address") from error


def _state(value: str) -> str:
    if value and value not in STATES:
        raise ValueError(f"is none of {', '.join(sorted(STATES))}")
    return value


def _vat_id(value: str) -> str:
    bare = value.replace(" ", "").upper()
    if bare and not re.fullmatch(r"DE[0-9]{9}|(?!DE)[A-Z]{2}[0-9A-Z+*]{2,12}", bare):
        raise ValueError("is no VAT id, such as DE and nine digits")
    return bare


def _page(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s\"'<>]+", value):
        raise ValueError("is no web address, such as https://www.my-shop.de/datenschutz")
    return value


Text = Annotated[str, Field(max_length=200), AfterValidator(_text)]
"""One line of plain text."""
Page = Annotated[Text, AfterValidator(_page)]


class Creditor(BaseModel):
    """Who is owed. Empty strings where nothing is set."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Text = ""
    legal_form: Annotated[Text, AfterValidator(_legal_form)] = ""
    street: Text = ""
    postal_code: Text = ""
    city: Text = ""
    """The seat (Sitz)."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "DE"
    """ISO 3166-1 alpha-2."""
    state: Annotated[str, AfterValidator(_state)] = ""
    """The Land by its two letters (BE, NW, ...): whose public holidays count."""
    register_court: Text = ""
    register_number: Text = ""
    managing_directors: Text = ""
    """All of them with a full first name; of a GmbH & Co. KG the general partner with its particulars."""
    vat_id: Annotated[Text, AfterValidator(_vat_id)] = ""
    tax_number: Text = ""
    account_holder: Text = ""
    """Exactly as the bank writes it: banks compare it with the IBAN and warn the payer."""
    iban: Annotated[Text, AfterValidator(_iban)] = ""
    """Without blanks."""
    bic: Annotated[Text, AfterValidator(_bic)] = Field(default_factory=_bic_of)
    bank_name: Text = ""
    email: Annotated[Text, AfterValidator(_email)] = ""
    """Sender of the mails, and where objections go."""
    phone: Text = ""
    hours: Text = ""
    """When somebody answers the phone, such as `Mo-Fr 9-17 Uhr`."""
    website: Page = ""
    privacy_url: Page = ""

    @property
    def full_name(self) -> str:
        """The firm with its legal form, said once."""
        words, form = self.name.split(), form_key(self.legal_form)
        said = any(form_key(" ".join(words[-length:])) == form for length in range(1, 5))
        return self.name if said or not LEGAL_FORMS.get(form) else f"{self.name} {self.legal_form}"

    def missing(self) -> tuple[str, ...]:
        """Names of the empty settings without which no notice may leave."""
        needed = (*_ALWAYS, *LEGAL_FORMS.get(form_key(self.legal_form), ()))
        return tuple(f"MAHNLAUF_CREDITOR_{name.upper()}" for name in needed if not getattr(self, name))

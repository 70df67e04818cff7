"""Which personal data a column holds, from the words of its name, its table, its type and its profile. Pure.

The vocabulary is general: what people call such columns, in any database, in words that naming styles split.
"""

import re
from collections.abc import Mapping, Sequence

WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

JOINED = {
    "firstname": "first name",
    "lastname": "last name",
    "surname": "last name",
    "forename": "first name",
    "givenname": "first name",
    "familyname": "last name",
    "middlename": "middle name",
    "maidenname": "maiden name",
    "fullname": "full name",
    "birthdate": "birth date",
    "dateofbirth": "birth date",
    "birthday": "birth date",
    "dob": "birth date",
    "fname": "first name",
    "lname": "last name",
    "emailaddress": "email",
    "phonenumber": "phone",
    "telephone": "phone",
    "mobile": "phone",
    "cellphone": "phone",
    "tel": "phone",
    "mail": "email",
    "addr": "address",
    "ipaddress": "ip address",
    "creditcard": "card number",
    "passwd": "password",
    "zipcode": "postal code",
    "zip": "postal code",
    "postcode": "postal code",
    "postalcode": "postal code",
}
"""Other spellings, as the words that the rules know."""

RULES: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (kind, frozenset(phrase.split()))
    for kind, phrase in (
        ("name", "first name"),
        ("name", "last name"),
        ("name", "middle name"),
        ("name", "maiden name"),
        ("name", "family name"),
        ("name", "given name"),
        ("name", "full name"),
        ("name", "contact name"),
        ("name", "customer name"),
        ("name", "patient name"),
        ("name", "employee name"),
        ("name", "person name"),
        ("ip", "ip address"),
        ("email", "email"),
        ("email", "e mail"),
        ("phone", "phone"),
        ("phone", "fax"),
        ("birth_date", "birth date"),
        ("birth_date", "date born"),
        ("national_id", "ssn"),
        ("national_id", "social security"),
        ("national_id", "national id"),
        ("national_id", "passport"),
        ("national_id", "tax id"),
        ("national_id", "driver licence"),
        ("national_id", "driver license"),
        ("iban", "iban"),
        ("iban", "bank account"),
        ("card", "card number"),
        ("card", "credit card"),
        ("address", "street"),
        ("address", "address"),
        ("address", "postal code"),
        ("ip", "ip"),
    )
)
"""A kind, and the words that a name must all have."""

NOT_PERSONAL = frozenset(
    {"type", "status", "flag", "count", "valid", "verified", "enabled", "template", "subject", "url"}
)
"""What turns `email_status` or `phone_type` into something about the data, and not the data."""

PEOPLE = frozenset(
    "person people customer client employee contact user member patient student teacher staff subscriber applicant"
    " candidate guest passenger driver doctor nurse author owner buyer seller donor voter citizen tenant resident"
    " manager agent representative participant attendee visitor player account".split()
)
"""Tables whose rows are people: a bare `name` there is a person's."""

MEANINGLESS = frozenset("c col column f field v value val attr attribute data text string str x y name".split())
"""Words of names like `c7` that say nothing, so that the values may; `title` says that it is no person's name."""

SHARES = {"email": "email", "phone": "phone", "iban": "iban", "card": "card", "ssn": "national_id", "ip": "ip"}
"""Formats of a profile that are personal by themselves."""

ADDRESS_SHARE = "postal_address"
PERSON_SHARE = "person_words"
PERSON_MIN = 0.8
TEXT_TYPES = ("CHAR", "TEXT", "STRING", "CLOB", "ENUM", "NAME")
DATE_TYPES = ("DATE", "TIME")
NUMBER_TYPES = ("INT", "NUM", "DEC", "REAL", "DOUBLE", "FLOAT", "SERIAL")


def words_of(name: str) -> list[str]:
    """The words of a name in camelCase, snake_case or kebab-case, in lower case and singular."""
    parts: list[str] = []
    for word in WORDS.findall(name):
        lower = word.lower()
        if lower not in JOINED and lower.endswith("s") and not lower.endswith(("ss", "us")) and len(lower) > 3:
            lower = "address" if lower == "addresses" else lower[:-1]
        parts += JOINED.get(lower, lower).split()
    joined = JOINED.get(re.sub(r"[^a-z]", "", name.lower()))
    return joined.split() if joined else parts


def _fits(kind: str, data_type: str) -> bool:
    """Whether a column of this type can hold it: a number is no email, and a birth date is text or a date."""
    upper = data_type.upper()
    if kind == "birth_date":
        return not any(word in upper for word in ("BOOL", *NUMBER_TYPES))
    if kind in ("phone", "national_id", "card"):
        return not any(word in upper for word in ("BOOL", *DATE_TYPES))
    return not upper or any(word in upper for word in (*TEXT_TYPES, "INET", "CIDR", "VARIANT", "JSON", "OBJECT"))


def _by_name(name: str, table: str, data_type: str) -> set[str]:
    parts = words_of(name)
    seen = set(parts)
    if seen & NOT_PERSONAL:
        return set()
    for kind, needed in RULES:
        # Narrow rules come first, so that `ip_address` is no postal address.
        if needed <= seen and _fits(kind, data_type):
            return {kind}
    if parts in (["name"], ["display", "name"]) and set(words_of(table)) & PEOPLE and _fits("name", data_type):
        return {"name"}
    return set()


def _by_profile(profile: Mapping[str, float], name: str, table: str, min_share: float) -> set[str]:
    seen = {kind for share, kind in SHARES.items() if profile.get(share, 0) >= min_share}
    if profile.get(ADDRESS_SHARE, 0) >= min_share:
        seen.add("address")
    # Two capitalised words are a person's name only where the rows are people: titles of works look the same.
    mute = {word for word in words_of(name) if not word.isdigit()} <= MEANINGLESS
    if mute and profile.get(PERSON_SHARE, 0) >= PERSON_MIN and set(words_of(table)) & PEOPLE:
        seen.add("name")
    return seen


def kinds_of(
    name: str,
    table: str,
    data_type: str = "",
    profile: Mapping[str, float] | None = None,
    *,
    identifier: bool = False,
    min_share: float = 0.5,
) -> Sequence[str]:
    """The kinds of personal data in a column, sorted.

    Args:
        name: of the column.
        table: its table's name.
        data_type: as the database writes it; empty where it is not known.
        profile: shares of formats among sampled values, 0 to 1.
        identifier: it is a key of generated values; then only its values tell.
        min_share: the share of values that must have a personal format.
    """
    by_name: set[str] = set() if identifier else _by_name(name, table, data_type)
    return sorted(by_name | _by_profile(profile or {}, name, table, min_share))

"""The profile of a column: which formats its values have, as rounded shares. No value leaves this file."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

MIN_VALUES = 3
"""A share of fewer values would say something about a single one."""
MAX_CHARS = 512

_EMAIL = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")
_URL = re.compile(r"(https?|ftp)://\S+", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INTEGER = re.compile(r"[+-]?\d{1,30}")
_DECIMAL = re.compile(r"[+-]?\d{1,20}[.,]\d{1,12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?|\d{1,2}[./]\d{1,2}[./]\d{4}")
_PHONE = re.compile(r"\+?\(?\d[\d\s().\-/]{5,20}\d(\s?(x|ext\.?)\s?\d{1,6})?", re.IGNORECASE)
_PHONE_MARK = re.compile(r"^\+|[\s()\-./]")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_SSN = re.compile(r"(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
_WORD = r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?"
_PERSON = re.compile(rf"{_WORD}( {_WORD}){{1,3}}")
_STREET = re.compile(
    r"\b(street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|square|sq|place|pl|way|terrace|highway"
    r"|rua|av|avenida|calle|via|viale|rue|place|chemin|plac|ulice|ul|allee|platz|weg|gasse|plein|straat|vej|gade)\b"
    r"|stra(ß|ss)e\b|str\b|gatan\b|vägen\b|katu\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\b\d{1,6}[A-Za-z]?\b")


def _luhn(digits: str) -> bool:
    total = 0
    for index, letter in enumerate(reversed(digits)):
        number = int(letter) * (2 if index % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def _card(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text)
    return digits.isascii() and digits.isdigit() and 13 <= len(digits) <= 19 and digits[0] in "3456" and _luhn(digits)


def _iban(text: str) -> bool:
    compact = text.replace(" ", "").upper()
    if not _IBAN.fullmatch(compact):
        return False
    return int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1


def _ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _phone(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return bool(_PHONE.fullmatch(text) and _PHONE_MARK.search(text) and 7 <= digits <= 15)


def _person(text: str) -> bool:
    parts = text.split()
    return bool(_PERSON.fullmatch(text)) and all(word[0].isupper() or len(word) <= 3 for word in parts)


def _address(text: str) -> bool:
    return bool(_STREET.search(text) and _NUMBER.search(text))


CLASSES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", lambda text: bool(_EMAIL.fullmatch(text))),
    ("url", lambda text: bool(_URL.fullmatch(text))),
    ("uuid", lambda text: bool(_UUID.fullmatch(text))),
    ("ip", _ip),
    ("iban", _iban),
    ("card", _card),
    ("ssn", lambda text: bool(_SSN.fullmatch(text))),
    ("date", lambda text: bool(_DATE.fullmatch(text))),
    ("integer", lambda text: bool(_INTEGER.fullmatch(text))),
    ("decimal", lambda text: bool(_DECIMAL.fullmatch(text))),
    ("phone", _phone),
    ("postal_address", _address),
    ("person_words", _person),
)
"""The first that holds is a value's class: the narrow ones come before the wide ones."""


def classify(value: Any) -> str:
    """The class of one value; `text` where no other holds."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, bytes | bytearray | memoryview):
        return "binary"
    if isinstance(value, datetime | date):
        return "date"
    if isinstance(value, UUID):
        return "uuid"
    if isinstance(value, float | Decimal):
        return "decimal"
    text = str(value).strip()[:MAX_CHARS]
    return next((name for name, holds in CLASSES if holds(text)), "text")


def profile(values: Iterable[Any]) -> dict[str, float]:
    """Shares of each class among the values that are not null or empty, rounded to 0.1; empty for too few values."""
    classes = [classify(value) for value in values if value is not None and str(value).strip()]
    if len(classes) < MIN_VALUES:
        return {}
    shares = {name: round(classes.count(name) / len(classes), 1) for name in sorted(set(classes))}
    return {name: share for name, share in shares.items() if share > 0}

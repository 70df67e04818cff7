"""Functions of JSONata that Step Functions adds, and those where the library differs from the language's reference.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-functions-provided-by-sfn
https://docs.jsonata.org/string-functions and the test suite of the reference implementation in JavaScript
"""

import hashlib
import json
import math
import random
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

from interlock.asl.functions import DIGESTS
from interlock.asl.jsonata_text import is_function
from interlock.asl.timestamps import parse_time

MAX_PLAIN = 1e21
"""Numbers from here on are written with an exponent, as JavaScript does."""
MAX_SEQUENCE = 10_000_000
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?([Ee][-+]?\d+)?")
_OTHER_BASE = re.compile(r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+")
_NULL = Utils.NULL_VALUE


def number_text(value: int | float) -> str:
    """A number as JavaScript writes it, after 15 significant digits where it has a fraction."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value)) if abs(value) < MAX_PLAIN else _exponent(repr(float(value)))
    if not math.isfinite(value):
        raise JException("D3001", 0)
    return _exponent(repr(float(f"{value:.15g}")))


def _exponent(text: str) -> str:
    """Python's exponent in JavaScript's form: 1e-07 becomes 1e-7, and 1e-05 becomes 0.00001."""
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return mantissa.removesuffix(".0")
    power = int(exponent)
    mantissa = mantissa.removesuffix(".0")
    if -7 < power < 0:
        digits = mantissa.lstrip("-").replace(".", "")
        return f"{'-' if mantissa.startswith('-') else ''}0.{'0' * (-power - 1)}{digits}"
    return f"{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"


def to_text(value: Any, indent: int | None = None) -> str:
    """A value as `$string` and `&` write it."""
    if isinstance(value, str):
        return value
    if is_function(value):
        return ""
    return _json_text(value, indent, 0)


def _json_text(value: Any, indent: int | None, level: int) -> str:
    if value is None or value is _NULL:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, Mapping):
        pairs = cast(Mapping[str, Any], value).items()
        space = " " if indent else ""
        rows = [
            f"{json.dumps(name, ensure_ascii=False)}:{space}{_json_text(item, indent, level + 1)}"
            for name, item in pairs
        ]
        return _wrap("{", rows, "}", indent, level)
    if isinstance(value, list | tuple):
        return _wrap("[", [_json_text(item, indent, level + 1) for item in cast(list[Any], value)], "]", indent, level)
    return '""' if is_function(value) else json.dumps(str(value), ensure_ascii=False)


def _wrap(opening: str, rows: list[str], closing: str, indent: int | None, level: int) -> str:
    if not indent or not rows:
        return f"{opening}{','.join(rows)}{closing}"
    margin = "\n" + " " * indent * (level + 1)
    return f"{opening}{margin}{f',{margin}'.join(rows)}\n{' ' * indent * level}{closing}"


def _string(value: Any = None, prettify: Any = None) -> Any:
    if value is None:
        return None
    if isinstance(value, list) and getattr(cast(Any, value), "outer_wrapper", False):
        value = cast(list[Any], value)[0]
    return to_text(value, 2 if prettify is True else None)


def _number(value: Any = None) -> Any:
    if value is None:
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        if _DECIMAL.fullmatch(value) and math.isfinite(float(value)):
            return float(value) if any(sign in value for sign in ".eE") else int(value)
        if _OTHER_BASE.fullmatch(value):
            return int(value, 0)
    raise ValueError(f"D3030: Unable to cast value to a number: {json.dumps(value, default=str)}")


def _to_millis(timestamp: Any = None, picture: Any = None) -> Any:
    if timestamp is None:
        return None
    library: Any = Functions
    if picture is not None:
        return library.datetime_to_millis(timestamp, picture)
    moment = parse_time(timestamp)
    if moment is None and isinstance(timestamp, str) and _DATE.fullmatch(timestamp):
        moment = parse_time(f"{timestamp}{'-01-01'[(len(timestamp) - 4) // 3 * 3 :]}T00:00:00Z")
    if moment is None and isinstance(timestamp, str) and "T" in timestamp:
        moment = parse_time(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", timestamp)) or parse_time(timestamp + "Z")
    if moment is None:
        what = f'The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given "{timestamp}"'
        raise ValueError(f"D3110: {what}")
    return math.floor(moment.timestamp() * 1000)


def _replace(text: Any = None, pattern: Any = None, replacement: Any = None, limit: Any = None) -> Any:
    if text is None:
        return None
    if isinstance(limit, int | float) and limit < 0:
        raise ValueError("D3011: Fourth argument of replace function must evaluate to a positive number")
    count = math.floor(limit) if isinstance(limit, int | float) else None
    if count == 0:
        return text
    if isinstance(pattern, str):
        if not pattern:
            raise ValueError("D3010: Second argument of replace function cannot be an empty string")
        pattern = re.compile(re.escape(pattern))
        if isinstance(replacement, str):
            return re.sub(pattern, replacement.replace("\\", r"\\"), text, count=count or 0)
    return _replace_matches(text, pattern, replacement, count)


def _replace_matches(text: str, pattern: Any, replacement: Any, count: int | None) -> str:
    pieces: list[str] = []
    place = 0
    for ordinal, match in enumerate(pattern.finditer(text)):
        if match.group() == "":
            raise ValueError("D1004: Regular expression matches zero length string")
        if count is not None and ordinal >= count:
            break
        pieces.append(text[place : match.start()])
        pieces.append(_groups(match, replacement) if isinstance(replacement, str) else _replaced_by(match, replacement))
        place = match.end()
    return "".join([*pieces, text[place:]])


def _replaced_by(match: re.Match[str], function: Any) -> str:
    library: Any = Functions
    text = library.func_apply(function, [library.to_jsonata_match(match)])
    if not isinstance(text, str):
        raise JException("D3012", 0)
    return text


def _groups(match: re.Match[str], replacement: str) -> str:
    """A replacement with `$$`, `$0` and `$1` in it; a number above the last group loses digits from its end."""
    pieces: list[str] = []
    place = 0
    while (mark := replacement.find("$", place)) >= 0:
        pieces.append(replacement[place:mark])
        digits = re.match(r"\d+", replacement[mark + 1 :])
        if replacement.startswith("$$", mark):
            pieces.append("$")
            place = mark + 2
        elif digits is None:
            pieces.append("$")
            place = mark + 1
        else:
            number, used = _group_number(digits.group(), match.re.groups)
            pieces.append((match.group(number) or "") if number <= match.re.groups else "")
            place = mark + 1 + used
    return "".join([*pieces, replacement[place:]])


def _group_number(digits: str, last: int) -> tuple[int, int]:
    """The group that digits name, and how many of them do."""
    most = len(str(last))
    digits = digits[:most]
    if len(digits) > 1 and int(digits) > last:
        digits = digits[:-1]
    return int(digits), len(digits)


def _sort(items: Any = None, comparator: Any = None) -> Any:
    """A stable merge sort, as the reference has it: equal items stay in their order."""
    if items is None:
        return None
    rows = cast(list[Any], items if isinstance(items, list) else [items])
    if comparator is None:
        if not Utils.is_array_of_numbers(rows) and not Utils.is_array_of_strings(rows):
            raise JException("D3070", 0)
        return sorted(rows)
    library: Any = Functions
    return _merge_sort(rows, lambda one, other: bool(library.func_apply(comparator, [one, other])))


def _merge_sort(rows: list[Any], after: Callable[[Any, Any], bool]) -> list[Any]:
    if len(rows) <= 1:
        return list(rows)
    middle = len(rows) // 2
    left, right = _merge_sort(rows[:middle], after), _merge_sort(rows[middle:], after)
    merged: list[Any] = []
    one = other = 0
    while one < len(left) and other < len(right):
        if after(left[one], right[other]):
            merged.append(right[other])
            other += 1
        else:
            merged.append(left[one])
            one += 1
    return merged + left[one:] + right[other:]


def _power(base: Any = None, exponent: Any = None) -> Any:
    if base is None:
        return None
    try:
        value = math.pow(base, exponent)
    except (OverflowError, ValueError) as error:
        what = f"The power function has resulted in a value that cannot be represented as a JSON number: base={base}"
        raise ValueError(f"D3061: {what}, exponent={exponent}") from error
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _partition(items: Any = None, size: Any = None) -> Any:
    if items is None:
        return None
    step = math.floor(size)
    if step <= 0:
        raise ValueError("D3140: The chunk size of the partition function must be a positive integer")
    rows = cast(list[Any], items if isinstance(items, list) else [items])
    return [rows[start : start + step] for start in range(0, len(rows), step)]


def _range(first: Any = None, last: Any = None, step: Any = None) -> Any:
    start, end, by = math.floor(first), math.floor(last), math.floor(step)
    if by == 0:
        raise ValueError("D3140: The step of the range function must not be 0")
    numbers = range(start, end + (1 if by > 0 else -1), by)
    if len(numbers) > MAX_SEQUENCE:
        raise JException("D2014", 0, len(numbers))
    return list(numbers)


def _hash(data: Any = None, algorithm: Any = None) -> Any:
    if data is None:
        return None
    digest = DIGESTS.get(str(algorithm))
    if digest is None:
        raise ValueError(f"D3140: The algorithm of the hash function must be one of {', '.join(DIGESTS)}")
    return hashlib.new(digest, to_text(data).encode(), usedforsecurity=False).hexdigest()


def _random(seed: Any = None) -> Any:
    return random.random() if seed is None else random.Random(int(seed)).random()


def _parse(text: Any = None) -> Any:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError("D3120: The argument of the parse function is not JSON") from error
    return _NULL if value is None else value


def _uuid() -> Any:
    return str(uuid.uuid4())


class _Function(Jsonata.JFunctionCallable):
    """A Python function as one of the language."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def call(self, input: Any, args: Any) -> Any:
        """Call it with the arguments that the expression gives."""
        return self.function(*(args or ()))


_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], str | None]] = {
    "string": (_string, "<x-b?:s>"),
    "number": (_number, "<(nsb)-:n>"),
    "toMillis": (_to_millis, "<s-s?:n>"),
    "replace": (_replace, "<s-(sf)(sf)n?:s>"),
    "power": (_power, "<n-n:n>"),
    "sort": (_sort, "<af?:a>"),
    "partition": (_partition, "<an:a>"),
    "range": (_range, "<nnn:a>"),
    "hash": (_hash, "<xs:s>"),
    "random": (_random, "<n?:n>"),
    "uuid": (_uuid, "<:s>"),
    "parse": (_parse, "<s-:x>"),
}


def install(expression: Any) -> None:
    """Give an expression these functions, and take `$eval` away."""
    for name, (function, signature) in _FUNCTIONS.items():
        defined = Jsonata.JFunction(_Function(function), signature)
        defined.function_name = name
        expression.register_function(name, defined)
    expression.register_function("eval", None)

"""The 18 intrinsic functions: their arguments, and what they compute.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import base64
import binascii
import hashlib
import json
import math
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from interlock.asl.values import Json, equal, kind_of, text_of

MAX_TEXT = 10_000
"""Characters that Base64Encode, Base64Decode and Hash take."""
MAX_RANGE = 1000
"""Items that ArrayRange makes."""
DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
ANY = ""


@dataclass(frozen=True)
class Function:
    """One intrinsic function.

    Attributes:
        kinds: the kind of each argument; empty for any. The last one repeats where more arguments are allowed.
        least: how many arguments it needs.
        most: how many it takes; None without a limit.
        evaluate: computes the value; ValueError where the function fails, TypeError where an argument is not right.
    """

    kinds: tuple[str, ...]
    least: int
    most: int | None
    evaluate: Callable[[Sequence[Json]], Json]

    def count_problem(self, count: int) -> str:
        """What is wrong with a number of arguments; empty where nothing is."""
        if self.least <= count and (self.most is None or count <= self.most):
            return ""
        if self.most is None:
            needs = f"at least {self.least}"
        else:
            needs = str(self.least) if self.most == self.least else f"{self.least} to {self.most}"
        return f"it takes {needs} arguments, and {count} are written"

    def kind_problem(self, kinds: Sequence[str]) -> str:
        """What is wrong with the kinds of the arguments; an empty kind is not known yet."""
        for place, kind in enumerate(kinds):
            wanted = self.kinds[min(place, len(self.kinds) - 1)] if self.kinds else ANY
            if kind and wanted and kind not in wanted.split("|"):
                return f"argument {place + 1} must be of type {wanted.replace('|', ' or ')}, and is of type {kind}"
        return ""


def unescape(raw: str) -> str:
    """The text that a literal in single quotes stands for."""
    characters: list[str] = []
    rest = iter(raw)
    for character in rest:
        characters.append(next(rest, "") if character == "\\" else character)
    return "".join(characters)


def fill(template: str, values: Sequence[Json]) -> str:
    r"""A template with its `{}` filled in order; `\{`, `\}`, `\'` and `\\` stand for the sign itself."""
    pieces: list[str] = []
    left = list(values)
    place = 0
    while place < len(template):
        if template[place] == "\\" and place + 1 < len(template):
            pieces.append(template[place + 1])
            place += 2
        elif template.startswith("{}", place):
            if not left:
                raise TypeError("the text has more {} than there are values")
            pieces.append(_java_text(left.pop(0)))
            place += 2
        else:
            pieces.append(template[place])
            place += 1
    if left:
        raise TypeError("there are more values than the text has {}")
    return "".join(pieces)


def integer(value: Json) -> int:
    """A number, rounded to the nearest integer as AWS does."""
    return math.floor(float(str(value)) + 0.5) if isinstance(value, float) else int(str(value))


def _texts(values: Sequence[Json]) -> list[str]:
    return [str(value) for value in values]


def _array(value: Json) -> list[Json]:
    return cast(list[Json], value)


def _format(values: Sequence[Json]) -> Json:
    """Fill a template.

    AWS was recorded to write an object or an array as Java does (`{a=1}`) among several values, and to fail where it is
    the only one.
    """
    template, *filled = values
    if len(filled) == 1 and isinstance(filled[0], dict | list):
        raise TypeError(f"an argument must be a string, a number, a boolean or null, and is an {kind_of(filled[0])}")
    return fill(str(template), filled)


def _java_text(value: Json) -> str:
    """A value as Java's `toString` writes it; a string, a number, true, false and null are as in JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}={_java_text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java_text, value)) + "]"
    return value if isinstance(value, str) else text_of(value)


def _string_to_json(values: Sequence[Json]) -> Json:
    try:
        return json.loads(str(values[0]))
    except (ValueError, RecursionError) as error:
        raise ValueError("Invalid JSON") from error


def _partition(values: Sequence[Json]) -> Json:
    items, size = _array(values[0]), integer(values[1])
    if size < 1:
        raise TypeError("the size of a part must be a positive integer")
    return [items[start : start + size] for start in range(0, len(items), size)]


def _contains(values: Sequence[Json]) -> Json:
    return any(equal(item, values[1]) for item in _array(values[0]))


def _range(values: Sequence[Json]) -> Json:
    first, last, step = (integer(value) for value in values)
    if step == 0:
        raise TypeError("the step must not be 0")
    numbers = range(first, last + (1 if step > 0 else -1), step)
    if len(numbers) > MAX_RANGE:
        raise TypeError(f"a range has at most {MAX_RANGE} items")
    return list(numbers)


def _get_item(values: Sequence[Json]) -> Json:
    items, index = _array(values[0]), integer(values[1])
    if not 0 <= index < len(items):
        raise ValueError(f"the index {index} is out of range for an array of {len(items)} items")
    return items[index]


def _unique(values: Sequence[Json]) -> Json:
    items: list[Json] = []
    for item in _array(values[0]):
        if not any(equal(item, other) for other in items):
            items.append(item)
    return items


def _encode(values: Sequence[Json]) -> Json:
    return base64.b64encode(_short(str(values[0])).encode()).decode()


def _decode(values: Sequence[Json]) -> Json:
    text = _short(str(values[0]))
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode(errors="replace")
    except binascii.Error as error:
        raise ValueError("the text is not Base64") from error


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise TypeError(f"the text has more than {MAX_TEXT} characters")
    return text


def _hash(values: Sequence[Json]) -> Json:
    digest = DIGESTS.get(str(values[1]))
    if digest is None:
        raise TypeError(f"the algorithm must be one of {', '.join(DIGESTS)}")
    data = values[0]
    text = _short(data if isinstance(data, str) else text_of(data))
    return hashlib.new(digest, text.encode(), usedforsecurity=False).hexdigest()


def _merge(values: Sequence[Json]) -> Json:
    if values[2] is not False:
        raise TypeError("argument 3 must be false: only the shallow merge exists")
    one, other = cast(Mapping[str, Json], values[0]), cast(Mapping[str, Json], values[1])
    return {**one, **other}


def _random(values: Sequence[Json]) -> Json:
    first, end = integer(values[0]), integer(values[1])
    if end <= first:
        raise TypeError("the end must be above the start")
    return random.Random(integer(values[2]) if len(values) > 2 else None).randrange(first, end)


def _add(values: Sequence[Json]) -> Json:
    return integer(values[0]) + integer(values[1])


def _split(values: Sequence[Json]) -> Json:
    text, delimiters = _texts(values)
    parts = [""]
    for character in text:
        if character in delimiters:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part]


FUNCTIONS: Mapping[str, Function] = {
    "States.Format": Function(("string", ANY), 1, None, _format),
    "States.StringToJson": Function(("string",), 1, 1, _string_to_json),
    "States.JsonToString": Function((ANY,), 1, 1, lambda values: text_of(values[0])),
    "States.Array": Function((ANY,), 0, None, list),
    "States.ArrayPartition": Function(("array", "number"), 2, 2, _partition),
    "States.ArrayContains": Function(("array", ANY), 2, 2, _contains),
    "States.ArrayRange": Function(("number",), 3, 3, _range),
    "States.ArrayGetItem": Function(("array", "number"), 2, 2, _get_item),
    "States.ArrayLength": Function(("array",), 1, 1, lambda values: len(_array(values[0]))),
    "States.ArrayUnique": Function(("array",), 1, 1, _unique),
    "States.Base64Encode": Function(("string",), 1, 1, _encode),
    "States.Base64Decode": Function(("string",), 1, 1, _decode),
    "States.Hash": Function((ANY, "string"), 2, 2, _hash),
    "States.JsonMerge": Function(("object", "object", "boolean"), 3, 3, _merge),
    "States.MathRandom": Function(("number",), 2, 3, _random),
    "States.MathAdd": Function(("number",), 2, 2, _add),
    "States.StringSplit": Function(("string",), 2, 2, _split),
    "States.UUID": Function((), 0, 0, lambda _: str(uuid.uuid4())),
}

"""Whether a card is one that the console draws: data of known elements, never a script, and never evaluated here.

An allow-list of elements, properties and functions of expressions holds what a card may be: what is not known is a
finding (code `card.*`). So no element loads what is not in the bundle, and no action leads elsewhere than it says.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from interlock.contract.core import limits
from interlock.contract.core.finding import Finding

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6")
ELEMENTS = frozenset(
    "AdaptiveCard TextBlock RichTextBlock TextRun Container ColumnSet Column FactSet Image ImageSet Table TableRow "
    "TableCell ActionSet Input.Text Input.Number Input.Date Input.Time Input.Toggle Input.ChoiceSet".split()
)
ACTIONS = frozenset({"Action.OpenUrl", "Action.Submit", "Action.ShowCard"})
PROPERTIES = frozenset(
    "type version $schema body actions items columns rows cells facts inlines images card text title value label id "
    "separator spacing height width size weight color isSubtle wrap maxLines fontType style horizontalAlignment "
    "verticalContentAlignment horizontalCellContentAlignment verticalCellContentAlignment firstRowAsHeaders "
    "showGridLines gridStyle altText url imageSize bleed minHeight italic strikethrough underline highlight choices "
    "isMultiSelect isMultiline placeholder isRequired errorMessage maxLength min max valueOn valueOff data tooltip "
    "isEnabled isVisible lang speak fallbackText rtl $data $when".split()
)
FUNCTIONS = frozenset(
    "if equals not and or greater greaterOrEquals less lessOrEquals empty exists count length add sub mul div mod min "
    "max sum round floor ceiling formatNumber formatDateTime string int float bool concat join first last contains "
    "startsWith endsWith substring toUpper toLower trim replace split indexOf select where unique sortBy take skip "
    "coalesce dateReadBack utcNow".split()
)
"""Functions of expressions that end soon for any data of limits.VIEW_DATA_BYTES: none makes a list from a number."""
_EXPRESSION = re.compile(r"\$\{([^}]*)(\}?)")
_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
_TEXT = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
_AMBIGUOUS = re.compile(r"['\"`\\{]")
"""What is left of an expression's texts where one holds a brace or is not closed: it could be read in two ways."""
_LINK = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:[/?#][^\s\\]*)?")
_PATH = re.compile(r"[A-Za-z_]\w*(?=[.\[\s]|$)")
_ROOT = re.compile(r"\$root\.([A-Za-z_]\w*)")


@dataclass
class Card:
    """A card that was read: what in it refers to the bundle, to the app, and to its data."""

    where: str
    images: set[str] = field(default_factory=set[str])
    tools: set[str] = field(default_factory=set[str])
    roots: set[str] = field(default_factory=set[str])
    """The fields of the data that it reads, as far as that can be known without evaluating it."""
    elements: int = 0
    expressions: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])

    def refuse(self, finding: Finding) -> None:
        """Note what is wrong at a place of the card."""
        self.findings.append(finding.model_copy(update={"where": f"{self.where}#{finding.where[:120]}"}))


def read_card(data: bytes, where: str) -> Card:
    """Read a card's file; its findings are all that is wrong with it by itself.

    Args:
        data: the bytes of the file.
        where: its path in the bundle.
    """
    card = Card(where=where)
    value = _value(data, card)
    if not isinstance(value, dict):
        return card
    top = cast(dict[str, Any], value)
    if top.get("type") != "AdaptiveCard":
        card.refuse(_finding("type", "type", "the card's type is not AdaptiveCard", 'Write "type": "AdaptiveCard".'))
    if top.get("version") not in VERSIONS:
        what = "the card's version is not one of 1.0 to 1.6"
        card.refuse(_finding("version", "version", what, 'Write "version": "1.5".'))
    _Walk(card).element(top, "", 0)
    if card.elements > limits.CARD_ELEMENTS:
        what = f"the card has {card.elements} elements and actions, and may have {limits.CARD_ELEMENTS}"
        card.refuse(_finding("too-large", "body", what, "Repeat one element over the data by `$data`."))
    if card.expressions > limits.CARD_EXPRESSIONS:
        what = f"the card has {card.expressions} expressions, and may have {limits.CARD_EXPRESSIONS}"
        card.refuse(_finding("too-large", "body", what, "Repeat one element over the data by `$data`."))
    return card


def _value(data: bytes, card: Card) -> Any:
    """The JSON of a card; None, with a finding, where there is none that is read further."""
    if len(data) > limits.CARD_BYTES:
        what = f"the card has {len(data)} bytes, and may have {limits.CARD_BYTES}"
        card.refuse(_finding("too-large", "", what, "Make the card smaller."))
        return None
    try:
        value: Any = json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        card.refuse(_finding("json", "", "the card is not a JSON object", "Write an Adaptive Card: docs/views.md."))
        return None
    if _depth(cast(Any, value)) > limits.CARD_DEPTH:
        what = f"the card has over {limits.CARD_DEPTH} levels"
        card.refuse(_finding("too-deep", "", what, "Nest fewer containers."))
        return None
    return cast(Any, value)


def _refuse_constant(text: str) -> Any:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(text)


def _depth(value: Any) -> int:
    """How many levels a value has; one more than limits.CARD_DEPTH where there are more."""
    level: list[Any] = [value]
    for depth in range(limits.CARD_DEPTH + 1):
        level = [inner for one in level for inner in _inner(one)]
        if not level:
            return depth
    return limits.CARD_DEPTH + 1


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from cast(dict[str, Any], value).values()
    elif isinstance(value, list):
        yield from cast(list[Any], value)


@dataclass
class _Walk:
    """Visits each object of a card once; `repeats` counts the `$data` that it is inside of."""

    card: Card

    def element(self, value: dict[str, Any], place: str, repeats: int) -> None:
        """An element, an action, or a row of facts, choices or columns, which have no type."""
        kind = value.get("type", "")
        if "type" in value:
            self.card.elements += 1
            if not isinstance(kind, str) or kind not in ELEMENTS | ACTIONS:
                what = f"{_shown(kind)} is not an element or action that the console draws"
                self.card.refuse(_finding("type", f"{place}type", what, "Choose one of docs/views.md."))
        for name in value:
            if name not in PROPERTIES:
                what = f"the property {_shown(name)} is not permitted in a card"
                self.card.refuse(
                    _finding("property", f"{place}{name}", what, "Remove it: docs/views.md has the properties.")
                )
        repeats += "$data" in value
        if repeats > limits.CARD_REPEATS:
            what = f"`$data` is inside of `$data` more than {limits.CARD_REPEATS} times"
            self.card.refuse(
                _finding("repeats", f"{place}$data", what, "Let the app's output have the rows as the card shows them.")
            )
        self._refers(kind, value, place)
        for name, inner in value.items():
            if name == "data" and kind == "Action.Submit":
                self._texts(inner, f"{place}data.", repeats)
            elif name == "$data":
                self._texts(inner, f"{place}$data.", repeats - 1)
            else:
                self._value(inner, f"{place}{name}.", repeats)

    def _value(self, value: Any, place: str, repeats: int) -> None:
        if isinstance(value, dict):
            self.element(cast(dict[str, Any], value), place, repeats)
        elif isinstance(value, list):
            for number, inner in enumerate(cast(list[Any], value)):
                self._value(inner, f"{place}{number}.", repeats)
        elif isinstance(value, str):
            self._text(value, place, repeats)

    def _texts(self, value: Any, place: str, repeats: int) -> None:
        """Every text of a value that is data, not elements; names of its fields are texts, too."""
        for name in cast(dict[str, Any], value) if isinstance(value, dict) else ():
            self._text(name, place, repeats)
        if isinstance(value, str):
            self._text(value, place, repeats)
        for inner in _inner(value):
            self._texts(inner, place, repeats)

    def _text(self, text: str, place: str, repeats: int) -> None:
        for expression, end in _EXPRESSION.findall(text):
            self.card.expressions += 1
            if not end:
                self.card.refuse(_finding("expression", place, "an expression is not closed", "End it with a brace."))
            self._expression(expression, place, repeats)

    def _expression(self, expression: str, place: str, repeats: int) -> None:
        if len(expression) > limits.CARD_EXPRESSION_CHARS:
            what = f"an expression has over {limits.CARD_EXPRESSION_CHARS} characters"
            self.card.refuse(_finding("expression", place, what, "Let the app's output have the value."))
            return
        bare = _TEXT.sub("0", expression)
        if _AMBIGUOUS.search(bare):
            what = "an expression has a text with a brace, a backslash or a backtick, or that is not closed"
            self.card.refuse(_finding("expression", place, what, "Let the app's output have the text."))
            return
        for name in sorted(set(_CALL.findall(bare)) - FUNCTIONS):
            what = f"the function {_shown(name)} is not permitted in an expression"
            self.card.refuse(
                _finding("function", place, what, "Choose one of docs/views.md, or let the app's output have it.")
            )
        self.card.roots |= set(_ROOT.findall(bare))
        path = _PATH.match(bare.strip())
        if path and not repeats and path.group() not in ("true", "false", "null"):
            self.card.roots.add(path.group())

    def _refers(self, kind: Any, value: dict[str, Any], place: str) -> None:
        """What an element loads, opens or starts: each is literal, so that it is known before it is drawn."""
        url = value.get("url")
        if kind == "Image":
            if not isinstance(url, str) or "${" in url or ":" in url or url.startswith("/"):
                what = "the url of an Image is not the path of a file of the bundle"
                self.card.refuse(_finding("image", f"{place}url", what, 'Write a path, such as "cards/logo.png".'))
            else:
                self.card.images.add(url)
        elif kind == "Action.OpenUrl":
            if not isinstance(url, str) or not _is_link(url):
                what = "the url of an Action.OpenUrl does not begin with https:// and the name of a host"
                self.card.refuse(
                    _finding("link", f"{place}url", what, "Write the scheme and the host without an expression.")
                )
        elif "url" in value:
            self.card.refuse(_finding("property", f"{place}url", f"{_shown(kind)} has no url", "Remove it."))
        if kind == "Action.Submit":
            data = value.get("data")
            tool = cast(dict[str, Any], data).get("tool") if isinstance(data, dict) else None
            if not isinstance(tool, str) or "${" in tool:
                what = "the data of an Action.Submit does not name a tool"
                self.card.refuse(
                    _finding("tool", f"{place}data", what, 'Write "data": {"tool": "NAME", "arguments": {}}.')
                )
            else:
                self.card.tools.add(tool)
        elif "data" in value:
            self.card.refuse(
                _finding("property", f"{place}data", f"{_shown(kind)} has no data", "Remove it, or write $data.")
            )


def _is_link(url: str) -> bool:
    """Whether the scheme and the host of a link are literal; what follows the host may be an expression."""
    return _LINK.fullmatch(_EXPRESSION.sub("x", url)) is not None and "${" not in url.split("/", 3)[2]


def _shown(value: Any) -> str:
    return repr(value)[:80]


def _finding(code: str, where: str, what: str, fix: str) -> Finding:
    return Finding(code=f"card.{code}", where=where, what=what, fix=fix)

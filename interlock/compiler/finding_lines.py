"""The line of what a finding is about, where the finding names a place in a file of the bundle. Pure."""

from collections.abc import Iterable, Mapping
from functools import cache

from interlock.compiler.archive import Bundle
from interlock.compiler.json_places import key_places
from interlock.contract.core.finding import Finding
from interlock.contract.manifest import MANIFEST
from interlock.contract.manifest_text import Place, key_lines, line_of


def with_lines(findings: Iterable[Finding], bundle: Bundle) -> tuple[Finding, ...]:
    """The findings, each `FILE#PLACE` as `FILE:LINE#PLACE` where the file has that place or one around it."""

    @cache
    def lines(file: str) -> Mapping[Place, int]:
        try:
            text = bundle.text(file)
            return key_lines(text) if file == MANIFEST else _json_lines(text)
        except (KeyError, ValueError):
            return {}

    def lined(finding: Finding) -> Finding:
        file, mark, place = finding.where.partition("#")
        if not mark or file not in bundle.files or not (file == MANIFEST or file.endswith(".json")):
            return finding
        line = _manifest_line(place, lines(file)) if file == MANIFEST else _json_line(place, lines(file))
        return finding.model_copy(update={"where": f"{file}:{line}#{place}"}) if line else finding

    return tuple(map(lined, findings))


def _json_lines(text: str) -> Mapping[Place, int]:
    """The line, from 1, of each key; of a state also by its name alone, which is how findings name it."""
    lines: dict[Place, int] = {}
    line, counted = 1, 0
    for place, at in key_places(text):
        line, counted = line + text.count("\n", counted, at), at
        lines.setdefault(place, line)
        if "States" in place[:-1]:
            last = len(place) - 1 - place[::-1].index("States")
            lines.setdefault(place[last + 1 :], line)
    return lines


def _manifest_line(place: str, lines: Mapping[Place, int]) -> int:
    """The line of `section.key.0`; a workflow's state stands behind a slash."""
    return line_of(_parts(place.partition("/")[0].split(".")), lines)


def _json_line(place: str, lines: Mapping[Place, int]) -> int:
    """The line of `State/Field/0`, of `States/State/Field`, or of `body.0.text` of a card."""
    for separator in ("/", "."):
        line = line_of(_parts(place.split(separator)), lines)
        if line:
            return line
    # The name of a state may have a slash.
    names = (str(row[0]) for row in lines if len(row) == 1)
    return next((lines[name,] for name in names if place == name or place.startswith(f"{name}/")), 0)


def _parts(parts: list[str]) -> Place:
    return tuple(int(part) if part.isdecimal() else part for part in parts)

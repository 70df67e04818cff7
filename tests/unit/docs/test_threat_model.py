"""Every threat of the model has its test, and every test that it names is there."""

import re
from pathlib import Path

from tests.unit.docs.test_pages import ROOT

PAGE = ROOT / "docs" / "threat-model.md"
LETTERS = set("STRIDE")
TEST = re.compile(r"^`(tests/[\w/]+\.py)(?:::(test_\w+))?`$")


def rows() -> list[list[str]]:
    """The cells of each threat."""
    lines = (line for line in PAGE.read_text().splitlines() if re.match(r"^\| [A-Z] \|", line))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_a_threat_has_a_letter_an_answer_and_a_test() -> None:
    assert len(rows()) >= 40
    for letter, threat, answer, test in rows():
        assert letter in LETTERS and threat and answer, threat
        assert TEST.match(test), f"{threat}: no test"


def test_the_test_of_a_threat_is_there() -> None:
    missing: list[str] = []
    for *_, cell in rows():
        match = TEST.match(cell)
        path = Path(ROOT / match.group(1)) if match else None
        name = match.group(2) if match else None
        if path is None or not path.is_file() or (name and f"def {name}(" not in path.read_text()):
            missing.append(cell)
    assert missing == []


def test_every_letter_is_looked_at() -> None:
    assert {row[0] for row in rows()} == LETTERS

"""Every claim about AWS has what holds it: a test that is there, or the word that only AWS can tell."""

import re

from tests.unit.docs.test_pages import ROOT

PAGE = ROOT / "docs" / "proved.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")


def rows() -> list[tuple[str, str]]:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and "| held by |" not in line]
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [(claim, held) for claim, held in cells]


def test_a_claim_has_a_test_or_says_that_only_aws_can_tell() -> None:
    assert len(rows()) >= 25
    for claim, held in rows():
        assert TEST.search(held) or held.startswith("only AWS can tell: "), claim


def test_the_test_of_a_claim_is_there() -> None:
    named = [match.groups() for _, held in rows() for match in TEST.finditer(held)]
    missing = [
        (path, name)
        for path, name in named
        if not (ROOT / path).is_file() or (name and f"def {name}(" not in (ROOT / path).read_text())
    ]
    assert missing == []

"""The glossary, the index and the decisions have one form, and name what there is."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
ROW = re.compile(r"^\| (?!term |---)([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TERMS = ROW.findall((DOCS / "glossary.md").read_text())
HEAD = re.compile(
    r"# (\d{4}) [A-Z].+[^.]\n\nStatus: (Accepted|Superseded by)\b.*\n\nDate: \d{4}-\d\d-\d\d\n\n## Context\n"
)
MAX_MEANING = 160
PATH = re.compile(r"`((?:interlock|functions|tests|scripts|infra|docs|app_templates)/[a-z_0-9/.-]+)`")
NOT_PATHS = re.compile(r"interlock/(definition|app|problem)")
"""Keys of a tool's `_meta`."""


def test_terms_are_sorted_and_there_once() -> None:
    names = [name for name, _ in TERMS]
    assert names == sorted(set(names))


def test_a_term_has_one_sentence() -> None:
    for name, meaning in TERMS:
        assert re.fullmatch(r"[A-Z].+\.", meaning), name
        assert ". " not in meaning and len(meaning) <= MAX_MEANING, name


def test_the_readme_leads_to_the_glossary_and_the_index() -> None:
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert {"docs/glossary.md", "docs/README.md", "CONTRIBUTING.md", "SECURITY.md"} <= set(links)


def test_the_index_names_every_page() -> None:
    links = set(re.findall(r"\]\(([^)#]+)\)", (DOCS / "README.md").read_text()))
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert sorted(pages - links) == [], "name them in docs/README.md"


def test_every_decision_has_the_same_head_and_a_row() -> None:
    index = (DOCS / "adr" / "README.md").read_text()
    for path in sorted((DOCS / "adr").glob("[0-9]*.md")):
        text = path.read_text()
        assert HEAD.match(text), f"{path.name}: number and title, then Status: and Date:"
        title = text.partition("\n")[0][7:]
        assert f"| [{path.name[:4]}]({path.name}) | {title} |" in index, "name it in docs/adr/README.md"


def test_files_that_a_page_names_exist() -> None:
    """Not those of decisions that no longer hold."""
    pages = [*DOCS.rglob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))]
    for page in pages:
        text = page.read_text()
        for name in [] if "\nStatus: Superseded" in text else PATH.findall(text):
            assert (ROOT / name).exists() or NOT_PATHS.fullmatch(name), f"{page.name} names {name}"


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_links_to_headings_lead_to_one() -> None:
    for page in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        for target, heading in re.findall(r"\]\(([\w./-]*\.md)?#([^)]+)\)", page.read_text()):
            text = (page.parent / target if target else page).read_text()
            headings = {anchor(row) for row in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
            assert heading in headings, f"{page.name} names {target}#{heading}"

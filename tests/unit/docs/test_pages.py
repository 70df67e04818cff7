"""The documents say what the source says."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from interlock.asl.functions import FUNCTIONS
from interlock.compiler import choices
from interlock.contract import asl, manifest
from interlock.contract.approval import ApprovalError
from interlock.contract.core.failure import GateError
from interlock.contract.platform_step import HttpStepError
from scripts.generate import docs
from tests.support.bundles import MANIFEST

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
SCHEMA: dict[str, Any] = json.loads(docs.manifest_schema())


@pytest.mark.parametrize("name", docs.PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (ROOT / name).read_text() == docs.PAGES[name](), "run: python -m scripts.generate.docs"


def test_every_code_that_the_tests_and_the_source_name_is_found() -> None:
    """The page's reader of the source misses none: each literal `family.code` of the source is on it."""
    pattern = re.compile(rf'code="((?:{"|".join(docs.FAMILIES)})\.[a-z-]+)"')
    text = "".join(path.read_text() for path in (ROOT / "interlock").rglob("*.py"))
    assert set(pattern.findall(text)) <= set(docs.findings())
    assert set(docs.NAMED) <= set(docs.findings())


def test_every_finding_says_what_and_what_to_do() -> None:
    for code, rows in docs.findings().items():
        assert code.partition(".")[0] in docs.FAMILIES
        assert all(row.fix for row in rows), code


def test_every_error_has_a_next_step() -> None:
    assert [code for code, rows in docs.error_codes().items() if not all(row.fix for row in rows)] == []


def test_every_error_of_the_gate_is_explained() -> None:
    for kind in (GateError, ApprovalError, HttpStepError):
        assert set(docs.member_docs(kind)) == {error.name for error in kind}


def test_the_schema_takes_what_the_platform_takes() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    for text in [MANIFEST, *(path.read_text() for path in ROOT.glob("app_templates/*/interlock.toml"))]:
        assert isinstance(manifest.parse(text), manifest.Manifest)
        assert list(validator.iter_errors(tomllib.loads(text))) == []
    assert list(validator.iter_errors(tomllib.loads(MANIFEST.replace("memory_mb", "memory"))))


SECTIONS: list[type[BaseModel]] = [
    manifest.AppSection,
    manifest.Permissions,
    manifest.ConfigSection,
    manifest.StepSection,
    *get_args(manifest.TriggerSection),
    manifest.WorkflowSection,
    manifest.GoldenTest,
]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_the_manifests_page_names_every_field(section: type[BaseModel]) -> None:
    page = (DOCS / "manifest.md").read_text()
    for name, field in section.model_fields.items():
        assert f"`{field.alias or name}`" in page


def test_the_workflows_page_names_every_state_field_and_function() -> None:
    page = (DOCS / "workflows.md").read_text()
    states = get_args(get_args(asl.AnyState)[0])
    fields = {get_args(state.model_fields["type"].annotation)[0] for state in states}
    fields |= {field.alias or name for state in states for name, field in state.model_fields.items()}
    fields |= {name.removeprefix("States.") for name in FUNCTIONS}
    fields |= {operator.removesuffix("Path") for operator in choices.OPERATORS}
    missing = sorted(word for word in fields if not re.search(rf"\b{word}\b", page))
    assert missing == []
    assert f"{asl.MAX_STATE_NAME} characters" in page


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")) + [ROOT / "README.md"], ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def test_documents_that_the_source_names_exist() -> None:
    files = subprocess.run(["git", "ls-files", "*.py", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in files.stdout.split():
        path = ROOT / name
        for target in re.findall(r"\bdocs/[\w./-]+\.(?:md|json)\b", path.read_text() if path.exists() else ""):
            assert (ROOT / target).exists(), f"{name} names {target}"


def test_every_adr_has_its_parts() -> None:
    adrs = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert [path.name[:4] for path in adrs] == [f"{number:04}" for number in range(1, len(adrs) + 1)]
    for path in adrs:
        parts = re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences"], path.name


def test_every_adr_that_the_source_names_is_there() -> None:
    for path in [*ROOT.glob("interlock/**/*.py"), *ROOT.glob("infra/*.py")]:
        for number in re.findall(r"ADR (\d{4})", path.read_text()):
            assert list((DOCS / "adr").glob(f"{number}-*.md")), f"{path.name} names ADR {number}"


COMMANDS = set(re.findall(r"^## `interlock ([a-z ]+)`", (DOCS / "cli.md").read_text(), re.MULTILINE))
PARTS = {" ".join(command.split()[:size]) for command in COMMANDS for size in (1, 2, 3)}
NAMED = re.compile(r"\binterlock ([a-z]+) ([a-z]+)")


@pytest.mark.parametrize("folder", ["interlock", "functions", "infra", "docs"])
def test_every_command_that_somebody_is_sent_to_is_there(folder: str) -> None:
    groups = {part.split()[0] for part in PARTS if " " in part}
    missing: list[str] = []
    for path in sorted((DOCS.parent / folder).rglob("*.[pm][yd]")):
        for group, verb in NAMED.findall(path.read_text()):
            if group in groups and f"{group} {verb}" not in PARTS and group not in COMMANDS:
                missing.append(f"{path.name}: interlock {group} {verb}")
    assert missing == []

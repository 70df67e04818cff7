"""Findings about a manifest have its line, and name the field that was meant."""

import time

import pytest

from interlock.contract.manifest import MOST_FINDINGS, parse
from interlock.contract.manifest_text import key_lines, line_of
from tests.support.bundles import MANIFEST

UNKNOWN = {
    ("memory_mb = 512", "memory = 512"): ("steps.write_tags.memory", "memory_mb"),
    ("[config]", "[confg]"): ("confg", "config"),
    ('tool = "tag_table"', 'tool = "tag_table"\ndescripton = ""'): (
        "workflows.tag.triggers.1.descripton",
        "description",
    ),
    ('schema = "config.schema.json"\n\n', 'schema = "config.schema.json"\nshema = ""\n\n'): ("config.shema", "schema"),
}
HOSTILE = {
    "thousands of keys": MANIFEST + "\n[steps.more]\n" + "\n".join(f"key{n} = {n}" for n in range(20_000)),
    "thousands of steps": MANIFEST + "\n".join(f"[steps.s{n}]\nhandler = 1" for n in range(5_000)),
    "a key of 100 KB": MANIFEST + f"\n[steps.{'x' * 100_000}]\n{'y' * 100_000} = 1",
    "deep lists": "a = " + "[" * 50_000,
    "deep tables": "a = " + "{b = " * 20_000,
    "a number of 10,000 digits": "a = " + "9" * 10_000,
    "dots": "[" + "a." * 50_000 + "b]",
    "spaces": "[" + " " * 100_000 + "\n" + "a" + " ." * 50_000,
}


@pytest.mark.parametrize("change", UNKNOWN)
def test_an_unknown_key_has_its_line_and_what_was_meant(change: tuple[str, str]) -> None:
    place, close = UNKNOWN[change]
    assert change[0] in MANIFEST
    text = MANIFEST.replace(*change)
    findings = parse(text)
    assert isinstance(findings, tuple)
    finding = next(row for row in findings if row.where.endswith(f"#{place}"))
    line = int(finding.where.partition("#")[0].partition(":")[2])
    assert place.rpartition(".")[2] in text.split("\n")[line - 1]
    assert f"did you mean {close}?" in finding.what and close in finding.fix


def test_an_arrays_tables_have_their_own_lines() -> None:
    text = '[[a.b]]\nx = 1\n[[a.b]]\n[a.b.c]\n"q d" = 1\n[z]\nk.l = 2'
    lines = key_lines(text)
    assert lines[("a", "b", 1, "c", "q d")] == 5
    assert lines[("z", "k", "l")] == 7
    assert (line_of(("a", "b", 0, "none"), lines), line_of(("none",), lines)) == (1, 0)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_manifest_is_few_findings_soon(name: str) -> None:
    began = time.process_time()
    findings = parse(HOSTILE[name])
    assert isinstance(findings, tuple) and 0 < len(findings) <= MOST_FINDINGS
    assert all(len(row.where) < 1_000 and len(row.what) < 1_000 for row in findings)
    assert time.process_time() - began < 3

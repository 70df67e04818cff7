"""Both apps on the sample database: crawl, then tag what was crawled; and what their bundles declare."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from interlock.contract.manifest import EventTrigger, Manifest, ToolTrigger, parse

ROOT = Path(__file__).resolve().parents[2]
APPS = ROOT / "app_templates"
CHINOOK = ROOT.parent / "shared" / "data" / "chinook.sqlite"
CHAIN = """
import json, sys
from interlock.testing import MemoryBackend, run_step
from interlock_connector.steps import crawl, discover
from interlock_compliance.steps import classify, list_columns, write_tags
backend = MemoryBackend()
config = {"source_name": "s", "database_url": sys.argv[1]}
words = {"config": config, "secrets": {"database_url": None}, "backend": backend}
for page in run_step(discover, {}, **words).output["pages"]:
    run_step(crawl, page, **words).output
for name in [row.qualified_name for row in backend.assets.values() if row.type == "table"]:
    listed = run_step(list_columns, {"qualified_name": name}, backend=backend).output
    run_step(write_tags, run_step(classify, listed, backend=backend).output, backend=backend).output
print(json.dumps({name: row.tags for name, row in backend.assets.items() if row.type == "column"}))
"""


@pytest.mark.skipif(not CHINOOK.exists(), reason="shared data: chinook.sqlite")
def test_chinook_is_tagged_where_it_is_personal_and_nowhere_else() -> None:
    """In a process of its own, with both bundles on the path as in Lambda."""
    paths = [str(ROOT), str(APPS / "connector"), str(APPS / "compliance_pack")]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{CHAIN}", f"sqlite:///{CHINOOK}"],
        capture_output=True,
        text=True,
        check=True,
    )
    tags: dict[str, list[str]] = json.loads(done.stdout)
    assert len(tags) == 64
    tagged = {name.removeprefix("s/main/") for name, row in tags.items() if "pii" in row}
    common = ("FirstName", "LastName", "Address", "Phone", "Fax", "Email")
    assert {f"{table}/{name}" for table in ("Customer", "Employee") for name in common} <= tagged
    assert "Employee/BirthDate" in tagged
    clean = {"Album", "Artist", "Genre", "MediaType", "Playlist", "PlaylistTrack", "InvoiceLine", "Track"}
    assert not {name for name in tagged if name.partition("/")[0] in clean}


@pytest.mark.parametrize("name", sorted(path.name for path in APPS.iterdir() if (path / "interlock.toml").exists()))
def test_a_bundle_has_what_its_manifest_names(name: str) -> None:
    """Files of triggers and config are JSON, workflows call declared steps, handlers exist."""
    folder = APPS / name
    manifest = parse((folder / "interlock.toml").read_text())
    assert isinstance(manifest, Manifest), manifest
    if manifest.config:
        assert json.loads((folder / manifest.config.schema_file).read_text())["type"] == "object"
    called: set[str] = set()
    for workflow in manifest.workflows.values():
        called |= set(workflow.steps)
        if workflow.definition:
            called |= set(re.findall(r"\$\{([\w.]+)\}", (folder / workflow.definition).read_text()))
        for trigger in workflow.triggers:
            if isinstance(trigger, ToolTrigger):
                assert json.loads((folder / trigger.input_schema).read_text())["type"] == "object"
            assert not isinstance(trigger, EventTrigger) or trigger.event.startswith("asset.")
    assert {name for name in called if not name.startswith("platform.")} == set(manifest.steps)
    for step in manifest.steps.values():
        module, _, function = step.handler.partition(":")
        source = (folder / f"{module.replace('.', '/')}.py").read_text()
        assert re.search(rf"^@step\n(async )?def {function}\(", source, re.MULTILINE)

"""A bundle's own versions of its dependencies run, as on the platform, and not those of the command's environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import packaging

from interlock.contract.manifest import Manifest, parse
from interlock.contract.run import RecordStatus, RunStatus, StepRecord
from interlock.local.debug.verify import verify_run
from tests.support.runs import NOW, body, run

CODE = """
def versions(value):
    import dataclasses, packaging, tagging
    own = hasattr(dataclasses, "replace")
    return {"packaging": packaging.__version__, "tagging": tagging.WHERE, "python": own}
"""
MANIFEST = (
    '[app]\nid = "acme/app"\nversion = "1.0.0"\ntitle = "App"\ncategory = "automation"\n'
    '[steps.versions]\nhandler = "app:versions"\n[workflows.main]\nsteps = ["versions"]\n'
)


def test_the_bundles_versions_win_and_pythons_own_library_stays(tmp_path: Path) -> None:
    assert packaging.__version__ != "0.1"
    (tmp_path / "app.py").write_text(CODE)
    (tmp_path / "tagging.py").write_text("WHERE = 'own'")
    vendored = {
        "packaging/__init__.py": "__version__ = '0.1'",
        "tagging.py": "WHERE = 'vendored'",
        "dataclasses.py": "",
    }
    for name, text in vendored.items():
        path = tmp_path / "vendor" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    manifest = parse(MANIFEST)
    assert isinstance(manifest, Manifest)
    fields: dict[str, Any] = {"run": "a", "execution": "acme_i_a", "state": "Versions", "step": "versions"}
    fields |= {"entered": NOW, "digest": body({}).digest, "input": body({}), "started": NOW, "ended": NOW}
    fields |= {
        "status": RecordStatus.SUCCEEDED,
        "output": body({"packaging": "0.1", "tagging": "own", "python": True}),
    }
    record = StepRecord.model_validate(fields)
    verified = verify_run(tmp_path, manifest, run("a", status=RunStatus.SUCCEEDED), [record])
    assert verified.found.differences == ()

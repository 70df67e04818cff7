"""The app templates compile without a finding that rejects."""

from pathlib import Path

import pytest

from interlock.compiler.plan import plan_version
from interlock.compiler.version_plan import VersionPlan
from interlock.contract.core.finding import errors_of
from tests.support.bundles import bundle

TEMPLATES = sorted((Path(__file__).resolve().parents[3] / "app_templates").glob("*/interlock.toml"))


@pytest.mark.parametrize("manifest", TEMPLATES, ids=lambda path: path.parent.name)
def test_a_template_compiles(manifest: Path) -> None:
    folder = manifest.parent
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    subject = plan_version(bundle(None, only=files))
    assert isinstance(subject, VersionPlan), subject
    assert errors_of(subject.findings) == ()
    assert all(not row.spill.opaque for row in subject.workflows.values()), "a large payload could not spill"

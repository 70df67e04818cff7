"""A push has a version of its own: the manifest's line of the app's version, and nothing else of it, is replaced."""

from __future__ import annotations

import io
import tomllib
import zipfile

import pytest

from interlock.cli.apps.packing import zip_files
from interlock.cli.develop.push import renumbered
from interlock.contract.core.failure import Rejected
from interlock.contract.core.semver import order

STEPS = '[steps.first]\nhandler = "a:first"\n[workflows.flow]\nsteps = ["first"]\n'
APP = '[app]\nid = "acme/notes"\ntitle = "Notes"\ncategory = "automation"\n'


def manifest_of(bundle: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(bundle)).read("interlock.toml").decode()


@pytest.mark.parametrize(
    "text",
    [
        f'{APP}version = "1.2.0"\n{STEPS}',
        f"{APP}version='1.2.0'  # ours\n{STEPS}",
        f'{APP}summary = """\nversion = "1.2.0"\n"""\nversion = "1.2.0"\n{STEPS}',
        f'#:schema ./.schema/interlock.json\n{STEPS}{APP}version = "1.2.0"\n',
    ],
    ids=["plain", "quotes", "in a text", "last"],
)
def test_only_the_apps_version_changes(text: str) -> None:
    app, version, bundle = renumbered(zip_files({"interlock.toml": text.encode(), "a.py": b"x"}))
    after = tomllib.loads(manifest_of(bundle))
    assert (app, after["app"]["version"]) == ("acme/notes", version)
    after["app"]["version"] = "1.2.0"
    assert after == tomllib.loads(text)
    assert order("1.1.9") < order(version) < order("1.2.0")
    assert zipfile.ZipFile(io.BytesIO(bundle)).read("a.py") == b"x"


def test_a_version_that_is_a_prerelease_is_replaced_whole() -> None:
    _, version, _ = renumbered(zip_files({"interlock.toml": f'{APP}version = "1.2.0-rc.1"\n{STEPS}'.encode()}))
    assert version.startswith("1.2.0-dev.")


@pytest.mark.parametrize(
    "text",
    [f"{APP}{STEPS}", "[app", '[app]\nid = "acme/notes"\nversion = 3\n', f'app = {{ version = "1.2.0" }}\n{STEPS}'],
)
def test_a_manifest_with_errors_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        renumbered(zip_files({"interlock.toml": text.encode()}))

"""`interlock app …`: start, check and pack an app, and look at its versions."""

from __future__ import annotations

import hashlib
import platform as host
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, app_parts, as_anybody, as_kind
from interlock.contract.core.failure import BadRequest, Conflict, Rejected

if TYPE_CHECKING:
    from interlock.contract.core.finding import Finding
    from interlock.contract.manifest import Manifest, Target
    from interlock.contract.registry import Version

app = typer.Typer()
SCHEMA = ".schema/interlock.json"
"""Where editors (taplo, Even Better TOML) find the manifest's JSON Schema; hidden files are not packed."""
Folder = Annotated[Path, typer.Argument(help="The app's folder.", exists=True, file_okay=False)]
Bundle = Annotated[Path | None, typer.Option(help="A bundle that is packed already.", exists=True, dir_okay=False)]


@app.command("init")
def init(
    name: Annotated[str, typer.Argument(help="publisher/name")],
    template: Annotated[
        str, typer.Option(help="blank, connector, automation, compliance_pack or ai_assistant.")
    ] = "blank",
    into: Annotated[Path | None, typer.Option(help="The new folder; by default it has the app's name.")] = None,
    machine: AsJson = False,
) -> None:
    """Start an app from a template."""
    from interlock.contract.manifest import MANIFEST
    from interlock.local.home import shipped

    if not re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]/[a-z][a-z0-9-]*[a-z0-9]", name):
        step = "Write it as in acme/pii-tagger."
        raise BadRequest(f"{name!r} is not publisher/name", where="NAME", next_step=step)
    templates = shipped() / "app_templates"
    source = templates / template
    if template != Path(template).name or not (source / MANIFEST).exists():
        known = ", ".join(sorted(path.parent.name for path in templates.glob(f"*/{MANIFEST}")))
        what = f"there is no template {template!r}"
        raise BadRequest(what, where="--template", next_step=f"Choose one of: {known}")
    folder = into or Path(name.partition("/")[2])
    if folder.exists():
        what = f"the folder {folder} exists already"
        raise Conflict(what, where=str(folder), code="folder-exists", next_step="Choose another one with --into.")
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    manifest = folder / MANIFEST
    text = re.sub(r'(?m)^id = ".*"$', f'id = "{name}"', manifest.read_text(), count=1)
    manifest.write_text(f"#:schema ./{SCHEMA}\n{text}")
    (folder / SCHEMA).parent.mkdir()
    shutil.copyfile(shipped() / "docs" / "schemas" / "interlock.schema.json", folder / SCHEMA)
    value = {"folder": str(folder), "app": name, "template": template}
    render.answer(value, f"The app is in {folder}. Next: interlock app check {folder}", machine=machine)


@app.command("check")
def check(folder: Folder = Path(), bundle: Bundle = None, profile: As = None, machine: AsJson = False) -> None:
    """Validate an app as the platform will. The exit code is 3 if it has errors.

    Where you are signed in as its publisher, the platform is asked too: about the versions that are listed, libraries
    with known vulnerabilities, what AWS says of the workflows, and the network. Nothing is stored there.
    """
    from interlock.cli.apps.packing import note_packing, pack
    from interlock.contract.core.finding import errors_of

    packed = None if bundle else pack(folder, host_target())
    findings, alone = check_bundle(packed.data if packed else bundle.read_bytes() if bundle else b"", profile)
    if packed:
        note_packing(packed)
    if alone and not machine:
        render.note(f"The platform was not asked (its versions, advisories, AWS): {alone}.", "dim")
    errors = errors_of(findings)

    def show() -> None:
        render.findings(findings)
        if not errors:
            render.line("The app has no errors.")

    render.answer(findings, show, machine=machine)
    if errors:
        raise typer.Exit(render.FINDINGS)


@app.command("pack")
def pack(
    folder: Folder = Path(),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The bundle; NAME-VERSION.zip by default.")
    ] = None,
    python: Annotated[str, typer.Option(help="Vendor for this Python; by default for the platform's.")] = "",
    architecture: Annotated[str, typer.Option(help="arm64 or x86_64; by default the platform's.")] = "",
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Pack an app into a bundle, with its dependencies for the Python that the platform runs."""
    from interlock.cli.apps.packing import note_packing
    from interlock.cli.apps.packing import pack as pack_folder

    packed = pack_folder(folder, target_of(profile, folder, python, architecture))
    manifest = manifest_of_bundle(packed.data)
    path = output or Path(f"{manifest.app.id.partition('/')[2]}-{manifest.app.version}.zip")
    path.write_bytes(packed.data)
    digest = hashlib.sha256(packed.data).hexdigest()
    value = {"bundle": str(path), "sha256": digest, "bytes": len(packed.data)}
    value |= packed.model_dump(mode="json", exclude={"data"})
    note_packing(packed)
    text = f"{path}: {packed.files} files, {packed.vendored} vendored, {len(packed.data)} bytes, sha256 {digest}"
    render.answer(value, text, machine=machine)


@app.command("versions")
def versions(name: str, profile: As = None, machine: AsJson = False) -> None:
    """List the versions of an app."""
    publisher, app_name, _ = app_parts(name)
    listed = list(as_anybody(profile).versions.iterate(publisher, app_name))
    rows = ([row.version, row.status.value, row.digest[:12], row.listed, len(row.findings)] for row in listed)
    columns = ("version", "status", "sha256", "listed", "findings")
    render.answer(listed, lambda: render.table(columns, rows, f"{name} has no versions."), machine=machine)


@app.command("show")
def show(name: str, profile: As = None, machine: AsJson = False) -> None:
    """Show a version (publisher/name@version; by default the newest): what it asks for and what it contains."""
    publisher, app_name, wanted = app_parts(name)
    client = as_anybody(profile)
    if not wanted:
        newest = max(client.versions.iterate(publisher, app_name), key=lambda row: row.created, default=None)
        if newest is None:
            what = f"{publisher}/{app_name} has no versions"
            raise BadRequest(what, where="NAME", next_step="interlock app publish")
        wanted = newest.version
    version = client.versions.get(publisher, app_name, wanted)
    render.answer(version, lambda: _print(version), machine=machine)


def target_of(profile: str | None, folder: Path, python: str = "", architecture: str = "") -> Target:
    """The Python to vendor for: the one of the options, else the platform's, else this machine's.

    Raises:
        BadRequest: the options name no Python, or no architecture, that there is.
    """
    from pydantic import ValidationError

    from interlock.cli.terminal.profiles import load
    from interlock.contract.core.validation import explain
    from interlock.contract.manifest import Target

    if python and architecture:
        try:
            return Target.model_validate({"python": python, "architecture": architecture})
        except ValidationError as error:
            what = explain(error.errors())[1]
            step = "Write for example --python 3.11 --architecture arm64."
            raise BadRequest(what, where="--python, --architecture", next_step=step) from error
    if not load().profiles:
        return host_target()
    return as_kind(profile, "publisher", _publisher_of(folder)).platform.get_target()


def manifest_of_bundle(data: bytes) -> Manifest:
    """The manifest of a bundle.

    Raises:
        Rejected: it has errors.
    """
    from interlock.compiler.archive import read_archive
    from interlock.compiler.plan import plan_version
    from interlock.contract.core.finding import errors_of

    bundle = read_archive(data)
    plan = bundle if isinstance(bundle, tuple) else plan_version(bundle)
    if isinstance(plan, tuple):
        raise Rejected("the bundle has errors, and nothing was uploaded", errors_of(plan), where="bundle")
    return plan.manifest


def _publisher_of(folder: Path) -> str:
    """The publisher of a folder's app; empty where its manifest can't be read, which packing reports better."""
    from interlock.contract.manifest import MANIFEST

    try:
        manifest = tomllib.loads((folder / MANIFEST).read_text())
        return str(manifest["app"]["id"]).partition("/")[0]
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def host_target() -> Target:
    """This machine's Python and architecture."""
    from interlock.contract.manifest import Target

    arm = host.machine() in ("arm64", "aarch64")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Target(python=python, architecture="arm64" if arm else "x86_64")


def check_bundle(data: bytes, profile: str | None) -> tuple[tuple[Finding, ...], str]:
    """What the platform would say of a bundle, and why the platform could not be asked itself; empty if it was."""
    from interlock.cli.apps.published import compare_published
    from interlock.compiler.archive import read_archive
    from interlock.compiler.plan import plan_version

    bundle = read_archive(data)
    plan = bundle if isinstance(bundle, tuple) else plan_version(bundle)
    if isinstance(plan, tuple):
        return plan, ""
    others, alone = compare_published(profile, data, plan)
    return (*plan.findings, *others), alone


def _print(version: Version) -> None:
    scopes = version.manifest.permissions.scopes() if version.manifest else ()
    rows: list[list[object]] = [
        ["app", version.app],
        ["version", version.version],
        ["status", version.status.value],
        ["level", version.level.value],
        ["digest", version.digest],
        ["size", version.size],
        ["asks for", ", ".join(scopes)],
        ["steps", ", ".join(version.steps)],
        ["workflows", ", ".join(version.workflows)],
        ["config", render.short(version.config_schema, 800)],
    ]
    render.table(("what", "is"), rows, "")
    render.findings(version.findings)

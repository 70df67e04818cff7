"""`interlock app …`: start, check, pack and publish an app."""

import hashlib
import platform as host
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from interlock.cli.apps.packing import pack
from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, as_kind
from interlock.cli.terminal.profiles import choose, load
from interlock.compiler.archive import read_archive
from interlock.compiler.plan import plan_version
from interlock.contract.core.failure import BadRequest, Conflict, Rejected
from interlock.contract.core.finding import Finding, errors_of
from interlock.contract.manifest import MANIFEST, Manifest, Target

app = typer.Typer(no_args_is_help=True, help="Apps and their versions.")
TEMPLATES = (Path(__file__).parent / "app_templates", Path(__file__).parent.parent.parent / "app_templates")
Folder = Annotated[Path, typer.Argument(help="The app's folder.", exists=True, file_okay=False)]
Bundle = Annotated[Path | None, typer.Option(help="A bundle that is packed already.", exists=True, dir_okay=False)]


@app.command("init")
def init(
    name: Annotated[str, typer.Argument(help="publisher/name")],
    template: Annotated[
        str, typer.Option(help="connector, automation, compliance_pack or ai_assistant.")
    ] = "automation",
    into: Annotated[Path | None, typer.Option(help="The new folder; the app's name by default.")] = None,
    machine: AsJson = False,
) -> None:
    """Start an app from a template."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]/[a-z][a-z0-9-]*[a-z0-9]", name):
        raise BadRequest(f"{name!r} is not publisher/name", where="NAME", next_step="Such as acme/pii-tagger.")
    source = next((root / template for root in TEMPLATES if (root / template / MANIFEST).exists()), None)
    if source is None:
        known = ", ".join(sorted(path.parent.name for root in TEMPLATES for path in root.glob(f"*/{MANIFEST}")))
        raise BadRequest(f"no template {template!r}", where="--template", next_step=f"Choose one of: {known}")
    folder = into or Path(name.partition("/")[2])
    if folder.exists():
        raise Conflict(f"{folder} exists", where=str(folder), code="folder-exists", next_step="Choose another: --into")
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    manifest = folder / MANIFEST
    manifest.write_text(re.sub(r'(?m)^id = ".*"$', f'id = "{name}"', manifest.read_text(), count=1))
    if machine:
        render.as_json({"folder": str(folder), "app": name, "template": template})
    else:
        render.out.print(f"{folder} is there. Next: interlock app check {folder}")


@app.command("check")
def check(folder: Folder = Path(), bundle: Bundle = None, machine: AsJson = False) -> None:
    """Validate an app as the platform will; exit code 3 where an error stands in the way."""
    data = bundle.read_bytes() if bundle else pack(folder, _host()).data
    findings = _findings(data)
    if machine:
        render.as_json([row.model_dump(mode="json") for row in findings])
    else:
        render.findings(row.model_dump(mode="json") for row in findings)
    if errors_of(findings):
        raise typer.Exit(render.FINDINGS)
    if not machine:
        render.out.print("No errors.")


@app.command("pack")
def pack_command(
    folder: Folder = Path(),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The bundle; NAME-VERSION.zip by default.")
    ] = None,
    python: Annotated[str, typer.Option(help="Vendor for this Python; what the platform runs by default.")] = "",
    architecture: Annotated[str, typer.Option(help="arm64 or x86_64; what the platform runs by default.")] = "",
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Pack an app into a bundle, with its dependencies for what the platform runs."""
    packed = pack(folder, target_of(profile, folder, python, architecture))
    found = manifest_of_bundle(packed.data)
    path = output or Path(f"{found.app.id.partition('/')[2]}-{found.app.version}.zip")
    path.write_bytes(packed.data)
    words = {"bundle": str(path), "sha256": hashlib.sha256(packed.data).hexdigest(), "bytes": len(packed.data)}
    if machine:
        render.as_json(words | {"files": packed.files, "vendored": packed.vendored})
    else:
        counts = f"{packed.files} files, {packed.vendored} vendored"
        render.out.print(f"{path}: {counts}, {len(packed.data)} bytes, sha256 {words['sha256']}")


@app.command("versions")
def versions(name: str, profile: As = None, machine: AsJson = False) -> None:
    """List the versions of an app."""
    found = list(any_client(profile).pages(f"{app_path(name)}/versions", "versions"))
    if machine:
        render.as_json(found)
        return
    rows = [
        [row["version"], row["status"], row["digest"][:12], row["listed"] or "", len(row["findings"])] for row in found
    ]
    render.table(("version", "status", "sha256", "listed", "findings"), rows, f"{name} has no versions.")


@app.command("show")
def show(name: str, profile: As = None, machine: AsJson = False) -> None:
    """Show a version (publisher/name@version; the newest by default): what it asks for and what it holds."""
    app_id, _, version = name.partition("@")
    client = any_client(profile)
    if not version:
        known = list(client.pages(f"{app_path(app_id)}/versions", "versions"))
        if not known:
            raise BadRequest(f"{app_id} has no versions", where="NAME", next_step="interlock app publish")
        version = max(known, key=lambda row: row["created"])["version"]
    found = client.get(f"{app_path(app_id)}/versions/{version}")
    if machine:
        render.as_json(found)
        return
    scopes = Manifest.model_validate(found["manifest"]).permissions.scopes() if found["manifest"] else ()
    rows = [[word, str(found[word])] for word in ("app", "version", "status", "level", "digest", "size")]
    rows += [["asks for", ", ".join(scopes)], ["steps", ", ".join(found["steps"])]]
    rows += [["workflows", ", ".join(found["workflows"])], ["config", render.short(found["config_schema"], 800)]]
    render.table(("what", "is"), rows, "")
    render.findings(found["findings"])


def app_path(name: str) -> str:
    """The path of an app's routes."""
    publisher, _, app_name = name.partition("/")
    return f"/v1/publishers/{publisher}/apps/{app_name}"


def any_client(profile: str | None) -> Client:
    """The client for what everybody may read."""
    return as_kind(profile, "operator") if profile or "operator" in load().profiles else as_kind(None, "publisher")


def publisher_of(folder: Path) -> str:
    """Whose app a folder is; empty where its manifest can't be read, which packing tells better."""
    try:
        found = tomllib.loads((folder / MANIFEST).read_text())
        return str(found["app"]["id"]).partition("/")[0]
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def target_of(profile: str | None, folder: Path, python: str = "", architecture: str = "") -> Target:
    """What to vendor for: what is said here, else what the platform runs, else what this machine is."""
    if python and architecture:
        return Target.model_validate({"python": python, "architecture": architecture})
    stated = (
        Client(choose(profile, "publisher", publisher_of(folder))).get("/v1/target")
        if load().profiles
        else _host().model_dump()
    )
    return Target.model_validate(stated)


def _host() -> Target:
    arm = host.machine() in ("arm64", "aarch64")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Target(python=python, architecture="arm64" if arm else "x86_64")


def _findings(data: bytes) -> tuple[Finding, ...]:
    bundle = read_archive(data)
    plan = bundle if isinstance(bundle, tuple) else plan_version(bundle)
    return plan if isinstance(plan, tuple) else plan.findings


def manifest_of_bundle(data: bytes) -> Manifest:
    """The manifest of a bundle.

    Raises:
        Rejected: it has errors.
    """
    bundle = read_archive(data)
    plan = bundle if isinstance(bundle, tuple) else plan_version(bundle)
    if isinstance(plan, tuple):
        raise Rejected("the bundle has errors; nothing was uploaded", errors_of(plan), where="bundle")
    return plan.manifest

"""`interlock app …`: start, check, pack and publish an app."""

import hashlib
import platform as host
import re
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from interlock.cli import render
from interlock.cli.client import Client
from interlock.cli.options import As, AsJson, as_kind
from interlock.cli.packing import Packed, pack
from interlock.cli.profiles import choose, load
from interlock.cli.waiting import until
from interlock.compiler.archive import read_archive
from interlock.compiler.plan import plan_version
from interlock.contract.failure import BadRequest, Conflict, Rejected
from interlock.contract.finding import Finding, errors_of
from interlock.contract.manifest import MANIFEST, Manifest, Target

app = typer.Typer(no_args_is_help=True, help="Apps and their versions.")
PUBLISH_SECONDS = 300
TEMPLATES = (Path(__file__).parent / "app_templates", Path(__file__).parent.parent.parent / "app_templates")
STAGES = {"uploading": "Wait for the platform", "checking": "Check the bundle", "deploying": "Deploy the version"}
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
    packed = pack(folder, _target(profile, python, architecture))
    found = _manifest(packed.data)
    path = output or Path(f"{found.app.id.partition('/')[2]}-{found.app.version}.zip")
    path.write_bytes(packed.data)
    words = {"bundle": str(path), "sha256": hashlib.sha256(packed.data).hexdigest(), "bytes": len(packed.data)}
    if machine:
        render.as_json(words | {"files": packed.files, "vendored": packed.vendored})
    else:
        counts = f"{packed.files} files, {packed.vendored} vendored"
        render.out.print(f"{path}: {counts}, {len(packed.data)} bytes, sha256 {words['sha256']}")


@app.command("publish")
def publish(folder: Folder = Path(), bundle: Bundle = None, profile: As = None, machine: AsJson = False) -> None:
    """Publish an app: pack, upload by presigned form, follow it to listed; exit code 3 with findings if rejected."""
    steps = render.Steps(quiet=machine)
    steps.step("Read the bundle" if bundle else "Pack the bundle")
    packed = Packed(data=bundle.read_bytes(), files=0, vendored=0) if bundle else None
    data = packed.data if packed else pack(folder, _target(profile, "", "")).data
    manifest = _manifest(data)
    publisher, _, name = manifest.app.id.partition("/")
    client = as_kind(profile, "publisher", publisher)
    base = f"/v1/publishers/{publisher}/apps/{name}/versions"
    digest = hashlib.sha256(data).hexdigest()
    ticket = client.post(base, {"version": manifest.app.version, "digest": digest})
    if ticket["form"] is not None:
        steps.step(f"Upload {len(data)} bytes")
        client.upload(ticket["form"]["url"], ticket["form"]["fields"], data)
    found = _follow(client, f"{base}/{manifest.app.version}", steps)
    steps.done()
    if found["status"] == "rejected":
        rows = [Finding.model_validate(row) for row in found["findings"]]
        raise Rejected(f"{manifest.app.id}@{manifest.app.version} is rejected", rows, where="publish")
    if machine:
        render.as_json(found)
        return
    render.findings(found["findings"])
    render.out.print(f"{manifest.app.id}@{manifest.app.version} is listed, sha256 {found['digest']}")


@app.command("versions")
def versions(name: str, profile: As = None, machine: AsJson = False) -> None:
    """List the versions of an app."""
    found = _any_client(profile).get(f"{_path(name)}/versions")["versions"]
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
    client = _any_client(profile)
    if not version:
        known = client.get(f"{_path(app_id)}/versions")["versions"]
        if not known:
            raise BadRequest(f"{app_id} has no versions", where="NAME", next_step="interlock app publish")
        version = max(known, key=lambda row: row["created"])["version"]
    found = client.get(f"{_path(app_id)}/versions/{version}")
    if machine:
        render.as_json(found)
        return
    scopes = Manifest.model_validate(found["manifest"]).permissions.scopes() if found["manifest"] else ()
    rows = [[word, str(found[word])] for word in ("app", "version", "status", "digest", "size")]
    rows += [["asks for", ", ".join(scopes)], ["steps", ", ".join(found["steps"])]]
    rows += [["workflows", ", ".join(found["workflows"])], ["config", render.short(found["config_schema"], 800)]]
    render.table(("what", "is"), rows, "")
    render.findings(found["findings"])


def _path(name: str) -> str:
    publisher, _, app_name = name.partition("/")
    return f"/v1/publishers/{publisher}/apps/{app_name}"


def _any_client(profile: str | None) -> Client:
    return as_kind(profile, "operator") if profile or "operator" in load().profiles else as_kind(None, "publisher")


def _follow(client: Client, path: str, steps: render.Steps) -> dict[str, Any]:
    told = ""

    def ended() -> dict[str, Any] | None:
        nonlocal told
        found = client.get(path)
        if found["status"] != told and found["status"] in STAGES:
            told = found["status"]
            steps.step(STAGES[told])
        return found if found["status"] in ("listed", "rejected") else None

    return until(ended, seconds=PUBLISH_SECONDS, what="publishing", next_step="interlock app versions publisher/name")


def _target(profile: str | None, python: str, architecture: str) -> Target:
    if python and architecture:
        return Target.model_validate({"python": python, "architecture": architecture})
    stated = Client(choose(profile, "publisher")).get("/v1/target") if load().profiles else _host().model_dump()
    return Target.model_validate(stated)


def _host() -> Target:
    arm = host.machine() in ("arm64", "aarch64")
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Target(python=python, architecture="arm64" if arm else "x86_64")


def _findings(data: bytes) -> tuple[Finding, ...]:
    bundle = read_archive(data)
    plan = bundle if isinstance(bundle, tuple) else plan_version(bundle)
    return plan if isinstance(plan, tuple) else plan.findings


def _manifest(data: bytes) -> Manifest:
    bundle = read_archive(data)
    plan = bundle if isinstance(bundle, tuple) else plan_version(bundle)
    if isinstance(plan, tuple):
        raise Rejected("the bundle has errors; nothing was uploaded", errors_of(plan), where="bundle")
    return plan.manifest

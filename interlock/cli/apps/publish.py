"""`interlock app publish` and `sbom`: from a folder to a certified version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.apps.app import Bundle, Folder, manifest_of_bundle, target_of
from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, app_parts, as_anybody, as_kind
from interlock.cli.terminal.wait import until
from interlock.contract.core.failure import BadRequest, Rejected

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.registry import Version

app = typer.Typer()
PUBLISH_SECONDS = 1_200
STAGES = {
    "uploading": "Wait for the platform",
    "checking": "Check the bundle",
    "deploying": "Deploy the version",
    "trial": "Run its golden tests",
}
ENDS = ("listed", "rejected", "review")
Name = Annotated[str, typer.Argument(metavar="PUBLISHER/NAME@VERSION")]


@app.command("publish")
def publish(
    folder: Folder = Path(),
    bundle: Bundle = None,
    review: Annotated[bool, typer.Option("--review", help="A person reviews it, whatever it asks for.")] = False,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Publish an app: pack it, upload it, and wait until it is listed.

    The exit code is 3 if it is rejected; its findings say why.
    """
    steps = render.Steps(quiet=machine)
    steps.step("Read the bundle" if bundle else "Pack the bundle")
    data = bundle.read_bytes() if bundle else _packed(folder, profile)
    version = publish_bundle(profile, data, review=review, progress=steps.step)
    steps.done()
    if version.status.value == "rejected":
        raise Rejected(f"{version.app}@{version.version} is rejected", version.findings, where="publish")
    render.answer(version, lambda: _print(version), machine=machine)


def publish_bundle(profile: str | None, data: bytes, *, review: bool, progress: Callable[[str], None]) -> Version:
    """Upload a bundle, and wait until its version is listed, is rejected, or waits for a person.

    Args:
        profile: the publisher's; None for the one that fits.
        data: the bundle.
        review: a person reviews it, whatever it asks for.
        progress: takes the name of each stage when it begins.

    Raises:
        Rejected: the bundle has errors, and nothing was uploaded.
    """
    from interlock.contract.registration import NewVersion

    manifest = manifest_of_bundle(data)
    publisher, name, _ = app_parts(manifest.app.id)
    client = as_kind(profile, "publisher", publisher)
    new = NewVersion(version=manifest.app.version, digest=hashlib.sha256(data).hexdigest(), review=review)
    ticket = client.versions.create(publisher, name, new)
    if ticket.form is not None:
        progress(f"Upload {len(data)} bytes")
        client.upload(ticket.form.url, ticket.form.fields, data)
    return _follow(client, publisher, name, manifest.app.version, progress)


@app.command("sbom")
def sbom(
    name: Name,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; standard output without it.")] = None,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Print a version's bill of materials (CycloneDX JSON): what it vendored, by the metadata of its wheels."""
    publisher, app_name, version = app_parts(name)
    if not version or not app_name:
        raise BadRequest("the command needs a version", where=name, next_step="Write publisher/name@version.")
    bill = as_anybody(profile).versions.get_bill_of_materials(publisher, app_name, version)
    if output is None or machine:
        render.as_json(bill)
        return
    output.write_text(json.dumps(bill, indent=1))
    render.line(f"{output}: {len(bill['components'])} components")


def _packed(folder: Path, profile: str | None) -> bytes:
    from interlock.cli.apps.packing import note_packing, pack

    packed = pack(folder, target_of(profile, folder))
    note_packing(packed)
    return packed.data


def _follow(client: Client, publisher: str, name: str, wanted: str, progress: Callable[[str], None]) -> Version:
    """The version once it is listed, is rejected, or waits for a person; `progress` takes each stage when it begins."""
    printed: set[str] = set()

    def ended() -> Version | None:
        version = client.versions.get(publisher, name, wanted)
        for stage in version.stages or ("uploading",):
            if stage in STAGES and stage not in printed:
                printed.add(stage)
                count = f" ({len(version.trial.runs)})" if stage == "trial" and version.trial else ""
                progress(STAGES[stage] + count)
        return version if version.status.value in ENDS else None

    step = f"interlock app versions {publisher}/{name}"
    return until(ended, seconds=PUBLISH_SECONDS, what="the end of publishing", next_step=step)


def _print(version: Version) -> None:
    name = f"{version.app}@{version.version}"
    render.findings(version.findings)
    if version.review and version.status.value == "review":
        render.line(f"{name} waits for a person: {'; '.join(version.review.reasons)}")
        step = f"interlock approval approve {version.review.approval} --platform, or reject"
        render.line(f"An operator decides: {step}")
    else:
        render.line(f"{name} is {version.status.value} ({version.level.value}), sha256 {version.digest}")

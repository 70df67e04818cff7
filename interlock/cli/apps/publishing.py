"""`interlock app publish` and `sbom`: from a folder to a certified version."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from interlock.cli.apps.apps import Bundle, Folder, any_client, app_path, manifest_of_bundle, target_of
from interlock.cli.apps.packing import pack
from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import As, AsJson, as_kind
from interlock.cli.terminal.wait import until
from interlock.contract.core.failure import BadRequest, Rejected
from interlock.contract.core.finding import Finding

PUBLISH_SECONDS = 1_200
STAGES = {
    "uploading": "Wait for the platform",
    "checking": "Check the bundle",
    "deploying": "Deploy the version",
    "trial": "Try it: golden tests",
}
ENDS = ("listed", "rejected", "review")
Name = Annotated[str, typer.Argument(metavar="PUBLISHER/NAME@VERSION")]


def publish(
    folder: Folder = Path(),
    bundle: Bundle = None,
    review: Annotated[bool, typer.Option("--review", help="Have a person look at it, whatever it asks for.")] = False,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Publish an app: pack, upload by presigned form, follow it to listed; exit code 3 with findings if rejected."""
    steps = render.Steps(quiet=machine)
    steps.step("Read the bundle" if bundle else "Pack the bundle")
    data = bundle.read_bytes() if bundle else pack(folder, target_of(profile, folder)).data
    manifest = manifest_of_bundle(data)
    publisher = manifest.app.id.partition("/")[0]
    client = as_kind(profile, "publisher", publisher)
    base = f"{app_path(manifest.app.id)}/versions"
    digest = hashlib.sha256(data).hexdigest()
    ticket = client.post(base, {"version": manifest.app.version, "digest": digest, "review": review})
    if ticket["form"] is not None:
        steps.step(f"Upload {len(data)} bytes")
        client.upload(ticket["form"]["url"], ticket["form"]["fields"], data)
    found = _follow(client, f"{base}/{manifest.app.version}", steps)
    steps.done()
    name = f"{manifest.app.id}@{manifest.app.version}"
    if found["status"] == "rejected":
        rows = [Finding.model_validate(row) for row in found["findings"]]
        raise Rejected(f"{name} is rejected", rows, where="publish")
    if machine:
        render.as_json(found)
        return
    render.findings(found["findings"])
    if found["status"] == "review":
        _tell_review(name, found)
    else:
        render.out.print(f"{name} is {found['status']} ({found['level']}), sha256 {found['digest']}")


def sbom(
    name: Name,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; standard output without it.")] = None,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Print a version's bill of materials (CycloneDX JSON): what it vendored, by what its wheels say."""
    found = any_client(profile).get(f"{_version_path(name)}/sbom")
    if output is None or machine:
        render.as_json(found)
        return
    output.write_text(json.dumps(found, indent=1))
    render.out.print(f"{output}: {len(found['components'])} components")


def _version_path(name: str) -> str:
    app, _, version = name.partition("@")
    if not version or "/" not in app:
        raise BadRequest("which version?", where=name, next_step="Write publisher/name@version.")
    return f"{app_path(app)}/versions/{version}"


def _follow(client: Client, path: str, steps: render.Steps) -> dict[str, Any]:
    """The version when the pipeline has done with it, or waits for a person; its stages and findings are told."""
    told: set[str] = set()

    def ended() -> dict[str, Any] | None:
        found = client.get(path)
        for stage in found["stages"] or ["uploading"]:
            if stage in STAGES and stage not in told:
                told.add(stage)
                tests = f" ({len(found['trial']['runs'])})" if stage == "trial" else ""
                steps.step(STAGES[stage] + tests)
        return found if found["status"] in ENDS else None

    return until(ended, seconds=PUBLISH_SECONDS, what="publishing", next_step="interlock app versions publisher/name")


def _tell_review(name: str, found: dict[str, Any]) -> None:
    review = found["review"]
    render.out.print(f"{name} waits for a person: {'; '.join(review['reasons'])}")
    render.out.print(f"An operator decides: interlock approval approve {review['approval']} --platform, or reject")

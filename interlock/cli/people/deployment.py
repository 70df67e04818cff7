"""`interlock deployment`: export a deployment into a folder, and import it again. By AWS credentials, or locally."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import AsJson
from interlock.contract.core.failure import NotFound, Unavailable

if TYPE_CHECKING:
    from interlock.control.deployment.export import DeploymentContext
    from interlock.control.deployment.import_registry import Imported
    from interlock.control.deployment.rebuild import Rebuilt

app = typer.Typer()
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the export.")]
OutputsFile = Annotated[
    Path | None,
    typer.Option(help="The file that `cdk deploy --outputs-file` wrote; without it, the local platform."),
]


@app.command("export")
def export(
    folder: Folder,
    outputs: OutputsFile = None,
    table: Annotated[
        str, typer.Option(help="Another table than the registry, such as one that a backup was restored to.")
    ] = "",
    machine: AsJson = False,
) -> None:
    """Export the registry, the users and the artifacts of a deployment into the new folder DIR.

    The values of secrets, and passwords, are not exported.
    """
    from interlock.control.deployment.export import export_deployment

    with _deployment(outputs, table) as context:
        manifest = export_deployment(context, folder, render.note)
    items = sum(manifest.kinds.values())
    text = f"{items} items and {manifest.artifact_bytes} bytes of artifacts are in {folder}."
    render.answer(manifest, text, machine=machine)


@app.command("import")
def import_(
    folder: Folder,
    outputs: OutputsFile = None,
    invite: Annotated[
        bool, typer.Option("--invite", help="Let Cognito mail an invitation to each person who is created.")
    ] = False,
    machine: AsJson = False,
) -> None:
    """Import the export in DIR into a new deployment, and make stacks and rules again.

    Nothing that is there is written over. If the command is interrupted, or names a problem, repeat it.
    """
    from interlock.control.deployment.archive import read_archive
    from interlock.control.deployment.import_registry import import_registry, import_timers
    from interlock.control.deployment.rebuild import rebuild

    with _deployment(outputs) as context:
        render.note("the export is checked")
        archive = read_archive(folder)
        imported = import_registry(context, archive, invite=invite, progress=render.note)
        rebuilt = rebuild(context, archive, render.note, time.sleep)
        if rebuilt.problems:
            for problem in rebuilt.problems:
                render.note(problem)
            raise Unavailable(
                f"{len(rebuilt.problems)} parts could not be made again: {rebuilt.problems[0]}",
                where=str(folder),
                code="import-incomplete",
                next_step=f"Remove the cause, then repeat: interlock deployment import {folder}",
            )
        import_timers(context, archive)
    answer = asdict(imported) | {key: value for key, value in asdict(rebuilt).items() if key != "problems"}
    render.answer(answer, lambda: _show(imported, rebuilt), machine=machine)


@app.command("console")
def console(
    outputs: Annotated[Path, typer.Option(help="The file that `cdk deploy --outputs-file` wrote.")],
    site: Annotated[
        Path | None, typer.Option(help="The built documentation, such as build/site: it is served at /docs/.")
    ] = None,
    machine: AsJson = False,
) -> None:
    """Put the console's page where the deployment's distribution reads it, after `cdk deploy`.

    In a clone the page is built first.
    """
    from interlock.cli.people.aws import talking_to_aws
    from interlock.cli.terminal.outputs import read_outputs
    from interlock.control.deployment.publish_page import PagePlace, publish_page
    from interlock.local.page import build_page

    deployment = read_outputs(outputs)
    if not deployment.console_bucket:
        what = "the outputs name no console: its stack was not deployed"
        step = "Deploy it: cdk deploy interlock-console --outputs-file outputs.json"
        raise NotFound(what, where=str(outputs), next_step=step)
    place = PagePlace(
        bucket=deployment.console_bucket,
        distribution=deployment.console_distribution,
        client=deployment.console_client_id,
        sign_in=deployment.sign_in_url,
        url=deployment.console_url,
    )
    render.note("the page is built, if it changed")
    page = build_page()
    with talking_to_aws(deployment):
        published = publish_page(place, page, site)
    text = f"{published.files} files are uploaded. The console is at {published.url}, in a minute or two."
    render.answer(published, text, machine=machine)


def _show(imported: Imported, rebuilt: Rebuilt) -> None:
    render.line(f"{imported.written} items are imported, {imported.present} were there already.")
    stacks = f"{rebuilt.tenants} tenants, {rebuilt.versions} versions, {rebuilt.installs} installs"
    render.line(f"In service again: {stacks} and {rebuilt.webhooks} webhooks.")
    for rows, what in (
        (imported.invited, "People who need a new password"),
        (imported.machines, "Machines that need new credentials"),
        (rebuilt.secrets, "Secrets that need their value"),
    ):
        if rows:
            render.line(f"{what}:")
            for row in rows:
                render.line(f"  {row}")


@contextmanager
def _deployment(outputs: Path | None, table: str = "") -> Generator[DeploymentContext]:
    from interlock.control.deployment.export import DeploymentContext

    if outputs is None:
        from interlock.local import platform
        from interlock.local.environment import talking_to

        connected = platform.connect()
        record = connected.record
        with talking_to(connected.engine):
            yield DeploymentContext(
                registry_table=table or record.registry_table,
                artifact_bucket=record.artifact_bucket,
                pool=record.user_pool,
                onboard_machine=record.onboard_machine,
            )
        return
    from interlock.cli.people.aws import talking_to_aws
    from interlock.cli.terminal.outputs import read_outputs

    deployment = read_outputs(outputs)
    with talking_to_aws(deployment):
        yield DeploymentContext(
            registry_table=table or deployment.registry_table,
            artifact_bucket=deployment.artifact_bucket,
            pool=deployment.user_pool,
            onboard_machine=deployment.onboard_machine_arn,
        )

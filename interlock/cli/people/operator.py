"""`interlock operator create`: an operator of a deployment, by AWS credentials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from interlock.cli.terminal import render
from interlock.cli.terminal.options import AsJson, profile_from
from interlock.contract.core.failure import BadRequest

if TYPE_CHECKING:
    from interlock.cli.terminal.outputs import Outputs
    from interlock.control.tenants.operators import OperatorContext

app = typer.Typer()
OUTPUTS = "The file that `cdk deploy --outputs-file` wrote."


@app.command("create")
def create(
    outputs: Annotated[Path, typer.Option(help=OUTPUTS)],
    name: Annotated[str, typer.Option(help="The operator's name.")] = "operator",
    email: Annotated[
        str, typer.Option(help="Of a person, who gets an invitation; without it the operator is a machine, this one.")
    ] = "",
    machine: AsJson = False,
) -> None:
    """Make an operator of a deployment with AWS credentials, and add the profile NAME.

    If the command is interrupted, repeat it.
    """
    from interlock.cli.people.aws import talking_to_aws
    from interlock.cli.terminal.outputs import read_outputs
    from interlock.cli.terminal.profiles import save
    from interlock.control.tenants.operators import create_operator, invite_operator

    _check("--name", name, "Use 2 to 61 small letters, digits, dots, `_` and `-`.")
    _check("--email", email, "Write one address, such as jane@example.com.")
    deployment = read_outputs(outputs)
    with talking_to_aws(deployment) as caller:
        context = _context(deployment, caller)
        if email:
            user = invite_operator(context, name, email)
            text = f"{email} gets an invitation by mail. Sign in as {user}: interlock login --outputs {outputs}"
            render.answer({"operator": name, "user": user, "email": email}, text, machine=machine)
            return
        credentials = create_operator(context, name, lambda row: save(profile_from(row, deployment, "operator", name)))
    text = f"Operator {name} is created, and this machine acts as it. Next: interlock tenant create NAME"
    render.answer({"operator": name, "client_id": credentials.client_id, "profile": name}, text, machine=machine)


def _check(option: str, value: str, step: str) -> None:
    from interlock.contract.member import Email, UserName

    try:
        TypeAdapter[str](Email if option == "--email" else UserName).validate_python(value)
    except ValidationError as error:
        raise BadRequest(f"{value!r} is not valid", where=option, next_step=step) from error


def _context(outputs: Outputs, caller: str) -> OperatorContext:
    from interlock.aws.tables.audit_log import AuditLog
    from interlock.aws.tables.registry import Registry
    from interlock.control.tenants.identities import IdentityContext
    from interlock.control.tenants.operators import OperatorContext

    identities = IdentityContext(Registry(outputs.registry_table), outputs.user_pool, outputs.token_url)
    return OperatorContext(identities, AuditLog(outputs.registry_table), caller)

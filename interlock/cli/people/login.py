"""`interlock login`: a profile for a platform that was not started here.

The profile of a person keeps a refresh token. A machine has its credentials in the environment; a workflow of GitHub
needs none.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import AsJson
from interlock.contract.core.failure import BadRequest

app = typer.Typer()
SECRET = "INTERLOCK_CLIENT_SECRET"


@app.command("login")
def login(
    api: Annotated[str, typer.Option(help="The control API's URL (output ApiUrl).")] = "",
    outputs: Annotated[
        Path | None, typer.Option(help="The file that `cdk deploy --outputs-file` wrote, instead of the URLs.")
    ] = None,
    token_url: Annotated[str, typer.Option(help="The token endpoint (output TokenUrl).")] = "",
    authorize_url: Annotated[
        str, typer.Option(help="The page where people sign in; by default beside the token endpoint.")
    ] = "",
    client_id: Annotated[str, typer.Option(help="The CLI's client (output CliClientId), or a machine's.")] = "",
    publisher: Annotated[str, typer.Option(help="Act for this publisher by default.")] = "",
    tenant: Annotated[str, typer.Option(help="Act for this tenant by default.")] = "",
    github: Annotated[bool, typer.Option("--github", help="Sign in a workflow of GitHub with its token.")] = False,
    api_host: Annotated[str, typer.Option(help="The Host header, if the URL is not the API's own.")] = "",
    name: Annotated[str, typer.Option(help="The profile's name.")] = "",
    browser: Annotated[bool, typer.Option(help="Open a browser, or only print the URL.")] = True,
    machine: AsJson = False,
) -> None:
    """Sign in: a person in a browser, a machine with INTERLOCK_CLIENT_SECRET, a workflow of GitHub with --github."""
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import Profile, save

    if outputs is not None:
        from interlock.cli.terminal.outputs import read_outputs

        deployment = read_outputs(outputs)
        api, api_host = api or deployment.api_url, api_host or deployment.api_host
        token_url, client_id = token_url or deployment.token_url, client_id or deployment.cli_client_id
    if not api:
        step = "Use --outputs FILE, or --api with the platform's outputs."
        raise BadRequest("signing in needs the control API's URL", where="login", next_step=step)
    if publisher and tenant:
        raise BadRequest("a profile acts for one owner", where="login", next_step="Use --publisher or --tenant.")
    if not github and not (token_url and client_id):
        step = "Use --outputs FILE, or --token-url and --client-id with the platform's outputs."
        raise BadRequest("signing in needs a token endpoint and a client", where="login", next_step=step)
    owner = publisher or tenant
    profile = Profile(
        name=name or owner or "me",
        kind="publisher" if publisher else "tenant" if tenant else "operator",
        id=owner,
        api_url=api.rstrip("/"),
        api_host=api_host,
        token_url=token_url,
        client_id=client_id,
        client_secret="" if github else os.environ.get(SECRET, ""),
        oidc="github" if github else "",
    )
    if not github and not profile.client_secret:
        from interlock.cli.people.sign_in import sign_in

        page = authorize_url or token_url.removesuffix("token") + "authorize"
        profile = profile.model_copy(update={"refresh_token": sign_in(page, profile, browser=browser)})
    caller = Client(profile).platform.get_caller()
    save(profile)
    scopes = ", ".join(f"{row.role.value} of {row.scope}" for row in caller.memberships) or "no memberships"
    value = caller.model_dump(mode="json") | {"profile": profile.name}
    render.answer(value, f"Signed in as {profile.name}: {scopes}.", machine=machine)

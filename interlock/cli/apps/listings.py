"""`interlock app search`, `listing`, `visibility` and `catalogue`: what tenants find."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from interlock.cli.apps.apps import any_client, app_path
from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson, Limit, as_kind
from interlock.contract.core.failure import BadRequest
from interlock.contract.manifest import Category

Name = Annotated[str, typer.Argument(metavar="PUBLISHER/NAME")]


def search(
    words: Annotated[list[str] | None, typer.Argument(help="Words of the name, title, summary or category.")] = None,
    category: Annotated[Category | None, typer.Option(help="What kind of app.")] = None,
    publisher: Annotated[str, typer.Option(help="Of this publisher.")] = "",
    verified: Annotated[bool, typer.Option("--verified", help="Of verified publishers only.")] = False,
    limit: Limit = 50,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Search the listing: what you may see of it."""
    query = {"q": " ".join(words or ()), "category": category.value if category else "", "publisher": publisher}
    query |= {"verified": "1" if verified else ""}
    found = list(any_client(profile).pages("/v1/listing", "apps", limit=limit, **query))
    if machine:
        render.as_json(found)
        return
    columns = ("app", "version", "title", "category", "publisher", "certified", "installs")
    rows = [
        [row["app"], row["version"], row["title"], row["category"], _badge(row), row["level"], row["installs"]]
        for row in found
    ]
    render.table(columns, rows, "Nothing fits.")


def listing(name: Name, profile: As = None, machine: AsJson = False) -> None:
    """Show an app as it is listed: what it may do, in plain words."""
    found = any_client(profile).get(f"/v1/listing/{name}")
    if machine:
        render.as_json(found)
        return
    row = found["listing"]
    render.out.print(f"{row['title']}  ({row['app']}@{row['version']})  {row['summary']}")
    words = {"publisher": _badge(row), "certified": row["level"], "golden tests": row["tests"]}
    words |= {"installs": row["installs"], "visibility": row["visibility"], "invited": ", ".join(found["invited"])}
    render.table(("what", "is"), [[key, value] for key, value in words.items() if value != ""], "")
    render.out.print("It may:" if row["plain"] else "It asks for nothing.")
    for sentence in row["plain"]:
        render.out.print(f"  {sentence}")
    if found["changelog"]:
        render.out.print(f"\n{found['changelog']}", markup=False)


def visibility(
    name: Name,
    to: Annotated[str, typer.Option("--set", help="private, invited or public.")] = "",
    invite: Annotated[list[str] | None, typer.Option(help="A tenant that is to find it.")] = None,
    uninvite: Annotated[list[str] | None, typer.Option(help="A tenant that is not to any more.")] = None,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Say who finds, sees and installs an app; installs that are there stay."""
    if not (to or invite or uninvite):
        raise BadRequest("nothing to change", where=name, next_step="Say --set, --invite or --uninvite.")
    words = {"visibility": to or None, "invite": invite or [], "uninvite": uninvite or []}
    after = as_kind(profile, "publisher", name.partition("/")[0]).put(f"{app_path(name)}/listing", words)
    if machine:
        render.as_json(after)
    else:
        invited = f", invited: {', '.join(after['invited'])}" if after["invited"] else ""
        render.out.print(f"{name} is {after['visibility']}{invited}.")


def catalogue(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; standard output without it.")] = None,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Export the catalogue as JSON: every app that you find, page by page."""
    found: list[dict[str, Any]] = list(any_client(profile).pages("/v1/listing:export", "apps"))
    if output is None or machine:
        render.as_json(found)
        return
    output.write_text(json.dumps(found, indent=1))
    render.out.print(f"{output}: {len(found)} apps")


def _badge(row: dict[str, Any]) -> str:
    publisher = row["publisher"]
    return f"{publisher} (verified: {row['domain']})" if row["verified"] else f"{publisher} (not verified)"

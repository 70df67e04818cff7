"""Installs as commands take and print them: by name where people have named them, by id for machines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from interlock.contract.core.base import default_install_name
from interlock.contract.core.failure import BadRequest

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client

ID = re.compile(r"^[0-9A-Z]{26}$")


def install_id(client: Client, tenant: str, install: str) -> str:
    """The id of an install that a person names: by its id, its name, or the app where it has one install.

    What matches no install is answered as it is: the API says what is wrong with it.

    Raises:
        BadRequest: several installs match.
    """
    if ID.match(install):
        return install
    named = [row for row in client.installs.iterate(tenant, all=True) if install in (row.name, row.app)]
    # A removed install is meant where no other one has the name: to recover it, or to delete its data.
    rows = [row for row in named if not row.status.gone] or [row for row in named if row.status.value == "removed"]
    if len(rows) > 1:
        known = ", ".join(f"{row.id} ({app_label(row.app, row.name)})" for row in rows)
        raise BadRequest(
            f"{install} can be {len(rows)} installs: {known}",
            where="install",
            code="which-install",
            next_step="Name one of them by its id: interlock install list --all",
        )
    return rows[0].id if rows else install


def app_label(app: str, install: str) -> str:
    """An app in a table, with the name of the install where that has its own."""
    return app if install in ("", default_install_name({"app": app})) else f"{app} ({install})"

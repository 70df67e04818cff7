"""A command takes an install by name, by app or by id, and asks which one where several could be meant."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from interlock.cli.terminal.client import Client
from interlock.cli.terminal.installs import app_label, install_id
from interlock.contract.core.failure import BadRequest
from interlock.contract.registry import Install

IDS = [f"01KB3D0W6Y9S8X1H2J4K5M6N{number:02d}" for number in range(6)]
AT = "2026-01-01T00:00:00.000Z"


def row(number: int, app: str, name: str = "", status: str = "active") -> Install:
    fields: dict[str, Any] = {"id": IDS[number], "tenant": "globex", "app": app, "version": "1.0.0", "created": AT}
    return Install.model_validate(fields | {"status": status} | ({"name": name} if name else {}))


ROWS = [
    row(0, "acme/sync"),
    row(1, "acme/sync", "west"),
    row(2, "acme/sync", "west", "removed"),
    row(3, "other/sync"),
    row(4, "acme/tag"),
    row(5, "acme/tag", "old", "removed"),
]


def client(reads: list[str]) -> Client:
    def iterate(tenant: str, **_: Any) -> list[Install]:
        reads.append(tenant)
        return ROWS

    return cast(Client, SimpleNamespace(installs=SimpleNamespace(iterate=iterate)))


@pytest.mark.parametrize(
    ("named", "number"),
    [("west", 1), ("acme/tag", 4), ("tag", 4), ("old", 5), ("other/sync", 3)],
)
def test_an_install_is_named_in_several_ways(named: str, number: int) -> None:
    reads: list[str] = []
    assert install_id(client(reads), "globex", named) == IDS[number]
    assert reads == ["globex"]


def test_an_id_needs_no_call_and_unknown_names_are_the_apis() -> None:
    reads: list[str] = []
    assert install_id(client(reads), "globex", IDS[0]) == IDS[0]
    assert reads == []
    assert install_id(client(reads), "globex", "nothing") == "nothing"


@pytest.mark.parametrize(("named", "numbers"), [("sync", (0, 3)), ("acme/sync", (0, 1))])
def test_several_that_match_are_listed(named: str, numbers: tuple[int, ...]) -> None:
    with pytest.raises(BadRequest) as caught:
        install_id(client([]), "globex", named)
    assert caught.value.code == "which-install"
    assert all(IDS[number] in caught.value.what for number in numbers)
    assert IDS[2] not in caught.value.what


def test_a_label_names_what_the_app_does_not_say() -> None:
    assert app_label("acme/sync", "west") == "acme/sync (west)"
    assert [app_label("acme/sync", name) for name in ("sync", "")] == ["acme/sync"] * 2

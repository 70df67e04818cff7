"""The README's first command, as a reader types it: from nothing to tagged columns, then on a database of one's own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock.local.engine.process import free_port
from scripts.demo import DESCRIBED, FOLDERS
from scripts.demo_model import answer
from tests.support.model_server import ModelServer, completion, model_server

ROOT = Path(__file__).parents[2]
CHINOOK = ROOT.parent / "shared" / "data" / "chinook.sqlite"
PERSONAL = {
    *(f"Customer/{word}" for word in ("FirstName", "LastName", "Address", "Phone", "Fax", "Email")),
    *(f"Employee/{word}" for word in ("FirstName", "LastName", "Address", "Phone", "Fax", "Email", "BirthDate")),
}
IMPERSONAL = ("Genre", "MediaType", "Playlist", "PlaylistTrack", "InvoiceLine")


KEY = "sk-the-readers-own-key"


class Reader:
    """Somebody at a shell, with a home and a language model of their own."""

    def __init__(self, home: Path, model: ModelServer) -> None:
        self.home, self.model = home, model
        self.environment = os.environ | {
            "INTERLOCK_HOME": str(home),
            "INTERLOCK_MODEL": "tiny",
            "INTERLOCK_MODEL_URL": f"{model.url}/v1",
            "INTERLOCK_MODEL_KEY": KEY,
            "INTERLOCK_MODEL_PRICE": "3/15",
            "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
        }
        self.port = str(free_port())

    def demo(self, *arguments: str) -> str:
        done = self.run("scripts/demo", "--port", self.port, *arguments)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def json(self, *arguments: str) -> Any:
        done = self.run("interlock", *arguments, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(arguments, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    home = tmp_path_factory.mktemp("home")
    for tool in ("venv", "xray-venv", "node"):
        if (ROOT / ".interlock" / tool).exists():
            (home / tool).symlink_to(ROOT / ".interlock" / tool)
    with model_server(lambda body: completion(json.dumps(answer(str(body["messages"][-1]["content"]))))) as model:
        result = Reader(home, model)
        yield result
        result.run("interlock", "down", "--yes")


def test_the_demo_ends_with_tagged_columns(reader: Reader) -> None:
    said = reader.demo()
    assert "4 tables and 18 columns in the catalog; 7 columns hold personal data" in said
    assert "shop/main/ticket/c7" in said
    runs = reader.json("run", "list", "--limit", "50")
    assert {run["status"] for run in runs} == {"succeeded"}
    assert sorted(run["app"] for run in runs).count("interlock/compliance-pack") == 4 + DESCRIBED
    for run in runs:
        for step in reader.json("run", "show", run["id"])["steps"]:
            assert step["input"]
            assert step["output"]
            # Nobody knows how long people think.
            assert step["duration_ms"] > 0 or step["step"] == "platform.approve"


def test_four_apps_chain(reader: Reader) -> None:
    """Owner changed, asked and told; two tables described by the reader's model and approved; one question answered."""
    runs = {run["workflow"]: run for run in reader.json("run", "list", "--limit", "50")}
    assert {run["app"] for run in runs.values()} == set(FOLDERS)
    outputs = {name: reader.json("run", "show", run["id"])["output"]["value"] for name, run in runs.items()}
    assert outputs["owners"] == {"outcome": "approved", "posted": False}
    assert outputs["describe"]["outcome"] == "written" and len(outputs["describe"]["written"]) == DESCRIBED
    described = [reader.json("asset", "show", name) for name in outputs["describe"]["written"]]
    assert all(row["attributes"]["description"].startswith("Each row is one") for row in described)
    assert reader.json("asset", "show", "shop/main/customer")["owners"] == ["ada"]
    assert "shop/main/orders" in outputs["ask"]["assets"]


def functions() -> list[tuple[str, str]]:
    """The functions of engines that have a process now, each with the key that it is told."""
    rows: list[tuple[str, str]] = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            lines = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            # It ended meanwhile, or is another user's.
            continue
        pairs = {name: value for name, _, value in (line.partition("=") for line in lines)}
        if "AWS_LAMBDA_FUNCTION_NAME" in pairs:
            rows.append((pairs["AWS_LAMBDA_FUNCTION_NAME"], pairs.get("INTERLOCK_MODEL_KEY", "")))
    return rows


def test_model_of_the_reader_is_called_with_a_key_in_no_file(reader: Reader) -> None:
    heard = [(headers.get("authorization"), body["model"]) for _, headers, body in reader.model.heard]
    assert heard == [(f"Bearer {KEY}", "tiny")] * (DESCRIBED + 1)
    total = reader.json("usage", "show", "--by", "step")["total"]
    assert (total["model_calls"], total["unpriced_tokens"]) == (DESCRIBED + 1, 0)
    assert total["model_dollars"] == pytest.approx((12 * 3 + 3 * 15) * (DESCRIBED + 1) / 1_000_000)
    assert {name for name, key in functions() if key == KEY} <= {"interlock-converse"}
    searched = 0
    for path in reader.home.rglob("*"):
        if path.is_file() and not path.is_symlink():
            searched += 1
            assert KEY.encode() not in path.read_bytes(), path
    assert searched > 50


def changes(reader: Reader) -> int:
    return sum(event["name"].startswith("asset.") for event in reader.json("event", "tail", "--minutes", "60"))


@pytest.mark.skipif(not CHINOOK.exists(), reason="../shared/data is absent")
def test_the_demo_on_chinook(reader: Reader) -> None:
    reader.demo("--source", f"sqlite:///{CHINOOK}")
    columns = {
        row["qualified_name"].removeprefix("chinook/main/"): row
        for row in reader.json("asset", "search", "--type", "column", "--prefix", "chinook/")
    }
    assert len(columns) == 64
    assert len(reader.json("asset", "search", "--type", "table", "--prefix", "chinook/")) == 11
    tagged = {name for name, row in columns.items() if "pii" in row["tags"]}
    assert tagged >= PERSONAL
    assert not [name for name in tagged if name.partition("/")[0] in IMPERSONAL]
    before = changes(reader)
    crawl = reader.json("tool", "call", "crawl", "--wait")
    assert crawl["output"]["value"]["changed"] == 0
    assert changes(reader) == before

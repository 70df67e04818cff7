"""VS Code's `launch.json`: one configuration of ours, beside what is there."""

import json
from pathlib import Path
from typing import Any, cast

from interlock.contract.core.failure import Conflict

NAME = "Interlock: attach"
FILE = ".vscode/launch.json"


def configuration(port: int, root: Path) -> dict[str, Any]:
    """How VS Code attaches to a port of this machine; the code is read and runs in `root`."""
    return {
        "name": NAME,
        "type": "debugpy",
        "request": "attach",
        "connect": {"host": "127.0.0.1", "port": port},
        "pathMappings": [{"localRoot": str(root), "remoteRoot": str(root)}],
        "justMyCode": True,
    }


def write_launch(folder: Path, values: dict[str, Any]) -> Path:
    """Add our configuration to a folder's launch.json, or write it anew in its place; all else stays.

    Raises:
        Conflict: the file is not plain JSON (comments, say), so that it can't be changed without loss.
    """
    path = folder / FILE
    whole: dict[str, Any] = {"version": "0.2.0", "configurations": []}
    if path.exists():
        whole = _read(path)
    rows = cast(list[Any], whole["configurations"])
    names: list[Any] = [
        row for row in rows if not isinstance(row, dict) or cast(dict[str, Any], row).get("name") != values["name"]
    ]
    text = json.dumps(whole | {"configurations": [*names, values]}, indent=4, ensure_ascii=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.replace(path)
    return path


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text())
        rows = value.setdefault("configurations", [])
        if not isinstance(rows, list):
            raise TypeError("configurations is not a list")
        return cast(dict[str, Any], value)
    except (ValueError, AttributeError, TypeError, OSError) as error:
        raise Conflict(
            f"launch.json can't be changed: {error}",
            where=str(path),
            code="launch-json",
            next_step="Add the configuration by hand, or use --no-editor.",
        ) from error

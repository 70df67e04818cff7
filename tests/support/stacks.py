"""The templates that the CDK app writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from interlock.local.node import ensure_cdk

ROOT = Path(__file__).parents[2]


ENDPOINT = "http://127.0.0.1:4666"


def environment(**more: str) -> dict[str, str]:
    """Ours, with the Node that the platform uses."""
    node = ensure_cdk(ROOT / ".interlock")
    return os.environ | {"PATH": node.path(os.environ["PATH"]), "PYTHONPATH": str(ROOT)} | more


def synth(target: str, folder: Path, *, source: str = str(ROOT), **more: str) -> dict[str, dict[str, Any]]:
    """The templates that the CDK app of a source writes, as the CDK CLI calls it; `more` are words of our context."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    context |= {"interlock:target": target, "interlock:endpoint": ENDPOINT}
    context |= {f"interlock:{name}": value for name, value in more.items()}
    fields = {"CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps(context)}
    fields |= {"CDK_DEFAULT_ACCOUNT": "123456789012", "CDK_DEFAULT_REGION": "us-east-1"} if more else {}
    done = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        env=environment(**fields | {"PYTHONPATH": source}),
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {path.name.split(".")[0]: json.loads(path.read_text()) for path in folder.glob("*.template.json")}

"""The one question before code of an imported file runs on this machine."""

import sys
from pathlib import Path

from interlock.cli.terminal import render
from interlock.contract.core.failure import Conflict
from interlock.local.imported import ImportedRun
from interlock.local.trust import is_trusted, trust_digest


def require_trust(file: ImportedRun, home: Path, trusted: str, *, machine: bool) -> None:
    """Let the code of an imported run through if a known platform certified it, or if a person trusts its digest.

    Args:
        file: the imported run.
        home: the CLI's folder, which remembers the answer.
        trusted: the value of `--trust-bundle`.
        machine: nobody can be asked.

    Raises:
        Conflict: neither is so.
    """
    digest = file.manifest.code
    if trusted != digest and is_trusted(home, file):
        return
    if trusted == digest or (not machine and _confirms(file)):
        trust_digest(home, digest)
        return
    raise Conflict(
        f"no platform known here certified the code of this file: sha256 {digest}",
        where=file.name,
        code="bundle-untrusted",
        next_step=f"If you trust it, it runs as you: interlock run debug {file.name} --trust-bundle {digest}",
    )


def _confirms(file: ImportedRun) -> bool:
    if not sys.stdin.isatty():
        return False
    render.note(f"No platform known here certified the code of this file: {file.run.app}@{file.run.version}", "yellow")
    render.note(f"  sha256 {file.manifest.code}")
    return render.confirm("It would run as you, on this machine. Do you trust it?")

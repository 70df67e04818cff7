"""Files of exported runs that try to run code, to take another run's place, to grow, or to end in a traceback."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from interlock.cli.runs.material import from_import
from interlock.cli.runs.recorded import imported
from interlock.cli.runs.trust import require_trust
from interlock.contract.core.failure import Failure
from interlock.local.import_file import import_file
from interlock.local.trust import learn_key
from scripts.attacks.case import Case
from scripts.attacks.export_files import (
    Platform,
    bundle_zip,
    export_bytes,
    exported_run,
    mutants,
    resealed,
    sealed,
    step_record,
)

MUTANTS = 400
"""In the table; the unit test and `scripts/fuzz` try more."""


def cases() -> Iterator[Case]:
    """Every attack by an imported file."""
    for name, (wanted, make) in _FILES.items():
        yield Case("imports", name, wanted, lambda make=make: _imported(make()))
    for name, (wanted, attempt) in _CODE.items():
        yield Case("imports", name, wanted, attempt)


def _imported(data: bytes) -> str:
    """What an import answers, and whether it left anything where it was refused."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        try:
            return f"imported {import_file(data, home).name}"
        except Failure as failure:
            left = [path.name for path in home.rglob("*") if path.is_file()]
            return f"refused {failure.code}{f', and left {left}' if left else ''}"


def _debugged(data: bytes, platform: Platform | None = None, trusted: str = "") -> str:
    """Whether the code of a file would run, and by which handler."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        try:
            if platform is not None:
                learn_key(home, platform.bundle_ref(platform.prove("0" * 64)))
            file = import_file(data, home)
            require_trust(file, home, trusted, machine=True)
            return f"runs {from_import(file, home, '', None, None).handler}"
        except Failure as failure:
            return f"refused {failure.code}"


def _with_proof(prove: Callable[[Platform, str], object], *, known: bool = True) -> str:
    platform = Platform()
    code = hashlib.sha256(bundle_zip()).hexdigest()
    return _debugged(export_bytes(proof=prove(platform, code)), platform if known else None)


def _of_another_key(platform: Platform, code: str) -> object:
    """A proof by a key of somebody else under the name of the platform's."""
    return Platform().prove(code).model_copy(update={"key": platform.key})


def _with_signature(signature: str) -> Callable[[Platform, str], object]:
    return lambda platform, code: platform.prove(code).model_copy(update={"signature": signature})


def _handler_of_the_file() -> str:
    data = resealed(export_bytes(), {}, handlers={"one": "os:system"})
    return _debugged(data, trusted=hashlib.sha256(bundle_zip()).hexdigest())


def _step_of_the_file() -> str:
    line = step_record(step="other").model_dump_json().encode()
    data = resealed(export_bytes(), {"steps.jsonl": line})
    return _debugged(data, trusted=hashlib.sha256(bundle_zip()).hexdigest())


def _shadow() -> str:
    """An imported run under the id of one of the platform: what a command takes it for."""
    with tempfile.TemporaryDirectory() as folder:
        import_file(export_bytes(exported_run("a")), Path(folder))
        return "the platform's" if imported("a") is None else "the file's"


def _mutants() -> str:
    data = export_bytes()
    with tempfile.TemporaryDirectory() as folder:
        for mutant in mutants(data, 10, MUTANTS):
            try:
                import_file(mutant, Path(folder))
            except Failure:
                continue
    return "no traceback"


def _deep(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def _named(run: str) -> bytes:
    """A file whose run has an id that leads elsewhere."""
    row = exported_run().model_dump(mode="json") | {"id": run}
    record = step_record().model_dump(mode="json") | {"run": run}
    members = {"run.json": json.dumps(row).encode(), "steps.jsonl": json.dumps(record).encode()}
    return resealed(export_bytes(), members, run=run)


def _bomb(name: str) -> bytes:
    return resealed(export_bytes(), {name: b" " * 60_000_000})


_TAMPERED = "refused export-tampered"
_FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a sound file": ("imported imported:a", export_bytes),
    "nothing": (_TAMPERED, lambda: b""),
    "a text": (_TAMPERED, lambda: b"hello " * 100),
    "a file that is cut": (_TAMPERED, lambda: export_bytes()[:-100]),
    "bytes before the zip": (_TAMPERED, lambda: b"x" + export_bytes()),
    "bytes behind the zip": (_TAMPERED, lambda: export_bytes() + b"x"),
    "a member by a path": (_TAMPERED, lambda: sealed({"../../.bashrc": b"x", "manifest.json": b"{}"})),
    "a member that is nobody's": (_TAMPERED, lambda: resealed(export_bytes(), {"sitecustomize.py": b"x"})),
    "no manifest": (_TAMPERED, lambda: sealed({"run.json": b"{}"})),
    "a manifest that is a list": ("refused not-an-export", lambda: _with_manifest(b"[]")),
    "a manifest of another format": ("refused not-an-export", lambda: _with_manifest(b'{"format": 2, "run": "a"}')),
    "a run that is deep": ("refused not-an-export", lambda: resealed(export_bytes(), {"run.json": _deep(100_000)})),
    "a workflow that is deep": (
        "refused not-an-export",
        lambda: resealed(export_bytes(), {"workflow.asl.json": _deep(100_000)}),
    ),
    "a workflow that is a list": (_TAMPERED, lambda: resealed(export_bytes(), {"workflow.asl.json": b"[1]"})),
    "a graph of no rows": ("refused not-an-export", lambda: resealed(export_bytes(), {"graph.json": b'[{"a": 1}]'})),
    "an id that is a path": (_TAMPERED, lambda: _named("../../x")),
    "an id that is no ASCII": (_TAMPERED, lambda: _named("\u202eab")),
    "an id of 1,000 characters": (_TAMPERED, lambda: _named("a" * 1000)),
    "a record of another run": (
        _TAMPERED,
        lambda: resealed(export_bytes(), {"steps.jsonl": step_record("b").model_dump_json().encode()}),
    ),
    "a bundle of another digest": (_TAMPERED, lambda: resealed(export_bytes(), {"bundle.zip": bundle_zip("x = 1\n")})),
    "records that grow": ("refused too-large", lambda: _bomb("steps.jsonl")),
    "a workflow that grows": ("refused export-too-large", lambda: _bomb("workflow.asl.json")),
}
_CODE: dict[str, tuple[str, Callable[[], str]]] = {
    "code that nobody certified": ("refused bundle-untrusted", lambda: _debugged(export_bytes())),
    "code that a person trusts": (
        "runs code:one",
        lambda: _debugged(export_bytes(), trusted=hashlib.sha256(bundle_zip()).hexdigest()),
    ),
    "trust of another digest": ("refused bundle-untrusted", lambda: _debugged(export_bytes(), trusted="0" * 64)),
    "a proof of the platform": ("runs code:one", lambda: _with_proof(lambda row, code: row.prove(code))),
    "a proof of an unknown platform": (
        "refused bundle-untrusted",
        lambda: _with_proof(lambda row, code: row.prove(code), known=False),
    ),
    "a proof by another key": ("refused bundle-untrusted", lambda: _with_proof(_of_another_key)),
    "a proof of other code": ("refused bundle-untrusted", lambda: _with_proof(lambda row, _: row.prove("1" * 64))),
    "a proof of another app": (
        "refused bundle-untrusted",
        lambda: _with_proof(lambda row, code: row.prove(code, app="acme/other")),
    ),
    "a proof of another version": (
        "refused bundle-untrusted",
        lambda: _with_proof(lambda row, code: row.prove(code, version="9.9.9")),
    ),
    "a proof without a signature": ("refused bundle-untrusted", lambda: _with_proof(_with_signature(""))),
    "a signature that is no base64": ("refused bundle-untrusted", lambda: _with_proof(_with_signature("\u202e"))),
    "a handler that the file names": ("runs code:one", _handler_of_the_file),
    "a step that the code does not have": ("refused unknown-step", _step_of_the_file),
    "the id of a run of the platform": ("the platform's", _shadow),
    "files that were changed by chance": ("no traceback", _mutants),
}


def _with_manifest(manifest: bytes) -> bytes:
    return sealed({"manifest.json": manifest, "run.json": b"{}", "steps.jsonl": b"", "workflow.asl.json": b"{}"})

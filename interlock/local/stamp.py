"""The digest of what a deployment is made of: the same digest, nothing to deploy."""

import hashlib
import sys
from pathlib import Path

INPUTS = (
    "cdk.json",
    "uv.lock",
    "infra",
    "functions",
    "statemachines",
    "interlock/__init__.py",
    "interlock/asl",
    "interlock/aws",
    "interlock/bounds",
    "interlock/compiler",
    "interlock/contract",
    "interlock/control",
    "interlock/debugger",
    "interlock/sdk",
)


def stamp(root: Path, endpoint: str) -> str:
    """The digest of the sources below `root`, of this Python, and of the endpoint that functions are told."""
    digest = hashlib.sha256(f"{sys.version_info[:2]}|{endpoint}".encode())
    for path in sorted(path for name in INPUTS for path in _files(root / name)):
        digest.update(f"\0{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts]

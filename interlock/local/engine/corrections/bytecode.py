"""The bytecode of corrected modules, beside the emulator's own: to compile them takes half of an engine's start."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import marshal
import os
import tempfile
from pathlib import Path
from types import CodeType

MARK = "corrected"


def compiled(source: str, path: Path) -> CodeType:
    """Compile a corrected module, or read what an earlier engine compiled of the same source.

    Args:
        source: The corrected source.
        path: The file that it was made of.

    Returns:
        Its code. A file of bytecode that is cut, or of another source or Python, is written anew.
    """
    digest = hashlib.sha256(importlib.util.MAGIC_NUMBER + f"{path}\0{source}".encode()).digest()
    file = path.parent / "__pycache__" / f"{path.stem}.{MARK}"
    with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
        content = file.read_bytes()
        body = content[2 * len(digest) :]
        if content.startswith(digest + hashlib.sha256(body).digest()):
            code = marshal.loads(body)
            if isinstance(code, CodeType):
                return code
    code = compile(source, str(path), "exec", dont_inherit=True)
    body = marshal.dumps(code)
    with contextlib.suppress(OSError):
        _write(file, digest + hashlib.sha256(body).digest() + body)
    return code


def _write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all: engines that start at a time share it."""
    file.parent.mkdir(exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as output:
            output.write(content)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise

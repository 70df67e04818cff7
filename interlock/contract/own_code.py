"""The rule for an app's own code: the SDK, the explanations and the debugger all ask it.

A line is shown to a publisher as the failing line only if it is own code.
"""

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

LOCK = "requirements.lock"
"""The file of a bundle that pins its dependencies, with hashes."""
VENDOR = "vendor/"
"""The folder of a bundle with its dependencies: `interlock app pack` fills it, and the runtime puts it on the path."""
_LIBRARY = re.compile(
    r"(?:^|/)(?:_?vendor(?:ed)?|third_party|site-packages|dist-packages)/|/lib/python3\.\d+/|^/opt/python/"
)
_INSTALLED = tuple(
    f"{folder.as_posix()}/" for folder in (Path(__file__).resolve().parents[1], Path(os.__file__).parent)
)
"""The folders of this package and of Python's own library."""


def is_own_code(file: str, root: str = "") -> bool:
    """Whether a file is the app's own: a real file of the bundle, and of no library.

    Generated code (`<string>`, `<attrs generated init …>`), the dependencies of a bundle, Python's own library and the
    SDK are not own code. Dependencies may be unpacked beside the app's files: their `*.dist-info` says what is theirs.

    Args:
        file: the file's name, as a code object or a recorded frame has it.
        root: the folder of the bundle's code; without it, a name counts by its folders alone.
    """
    name = file.replace(os.sep, "/")
    if not name or name.startswith(("<", *_INSTALLED)):
        return False
    if root:
        base = root.replace(os.sep, "/").rstrip("/") + "/"
        inside = name[len(base) :]
        return name.startswith(base) and not _LIBRARY.search(inside) and not _unpacked(base).has(inside)
    return not _LIBRARY.search(name)


class _Unpacked(NamedTuple):
    """What libraries at the root of a bundle consist of: files by their paths, and names of modules at the top."""

    files: frozenset[str]
    tops: frozenset[str]

    def has(self, inside: str) -> bool:
        """Whether a file, by its path in the bundle, is of one of them."""
        return inside in self.files or inside.partition("/")[0].removesuffix(".py") in self.tops


@lru_cache(maxsize=8)
def _unpacked(root: str) -> _Unpacked:
    """The libraries that were unpacked at the root of a bundle, as `pip install --target .` does.

    A distribution that holds the module of a handler is the app itself.
    Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    files: set[str] = set()
    tops: set[str] = set()
    handlers = _handlers(root)
    for metadata in Path(root).glob("*.dist-info"):
        recorded = frozenset(line.rsplit(",", 2)[0].strip('"') for line in _lines(metadata / "RECORD"))
        names = frozenset(() if recorded else _lines(metadata / "top_level.txt"))
        of_handlers = {f"{stem}{end}" for stem in handlers for end in (".py", "/__init__.py")}
        if not of_handlers & recorded and not {stem.partition("/")[0] for stem in handlers} & names:
            files |= recorded
            tops |= names
    return _Unpacked(frozenset(files), frozenset(tops))


def _handlers(root: str) -> frozenset[str]:
    """The modules of the handlers of a bundle, as paths without `.py`; none where its manifest can't be read."""
    # Only a failed step pays for the import.
    import tomllib

    try:
        steps = tomllib.loads("\n".join(_lines(Path(root, "interlock.toml")))).get("steps", {})
        return frozenset(str(step["handler"]).partition(":")[0].replace(".", "/") for step in steps.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return frozenset()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []

"""The rule for an app's own code: the SDK, the explanations and the debugger all ask it. Pure.

A line is shown to a publisher as the failing line only if it is own code.
"""

import os
import re
from pathlib import Path

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
    SDK are not own code.

    Args:
        file: the file's name, as a code object or a recorded frame has it.
        root: the folder of the bundle's code; without it, a name counts by its folders alone.
    """
    name = file.replace(os.sep, "/")
    if not name or name.startswith(("<", *_INSTALLED)):
        return False
    if root:
        base = root.replace(os.sep, "/").rstrip("/") + "/"
        return name.startswith(base) and not _LIBRARY.search(name[len(base) :])
    return not _LIBRARY.search(name)

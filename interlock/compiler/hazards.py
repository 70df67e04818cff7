"""What of a bundle would change the interpreter that runs it, cannot run there, or should not have left its author.

By names and first bytes alone; nothing is imported (codes `code.*`).
"""

import re
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from interlock.compiler.archive import Bundle
from interlock.compiler.imports import SDK
from interlock.contract.core import limits
from interlock.contract.core.finding import Finding, Severity
from interlock.contract.manifest import Target
from interlock.contract.own_code import LOCK, VENDOR

STARTUP = frozenset({"sitecustomize", "usercustomize"})
"""Modules that Python imports by itself when it starts: https://docs.python.org/3/library/site.html."""
NEEDED = frozenset(
    (
        "abc array ast asyncio atexit base64 binascii bisect builtins bz2 calendar codecs collections "
        "concurrent configparser contextlib contextvars copy copyreg csv dataclasses datetime decimal dis "
        "email encodings enum errno fcntl fnmatch fractions functools genericpath getpass gzip hashlib heapq "
        "hmac html http importlib inspect io ipaddress itertools json keyword linecache locale logging lzma "
        "marshal math mimetypes mmap multiprocessing ntpath numbers opcode operator os pathlib pickle "
        "platform posix posixpath pyexpat queue quopri random re reprlib runpy secrets select selectors shlex "
        "shutil signal site socket ssl stat string stringprep struct subprocess sys sysconfig tempfile "
        "termios textwrap threading time token tokenize traceback types typing unicodedata urllib uuid "
        "warnings weakref xml zipfile zipimport zlib zoneinfo "
    ).split()
)
"""Modules of Python that the SDK, pydantic and boto3 import: `sys.modules` after they were imported by Python 3.11."""
MACHINES = {62: "x86_64", 183: "arm64"}
"""Processors by their number in an ELF header (e_machine): https://gabi.xinuos.com/elf/a-emachine.html."""
FOREIGN = frozenset({".pyd", ".dll", ".dylib", ".exe"})
"""Native code of other systems than Linux."""
_TAG = re.compile(r"\.cpython-3(\d+)[\w-]*\.so$")
_SECRETS = re.compile(
    rb"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    rb"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}"
    rb"|\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40}|glpat-[\w-]{20}|xox[abprs]-[\w-]{24})"
)
"""Shapes that are nothing but a secret: keys of AWS, private keys, tokens of GitHub, GitLab and Slack."""
_EXAMPLE = b"EXAMPLE"
"""What AWS's documentation ends its keys with."""


def check_hazards(bundle: Bundle, target: Target | None) -> Iterator[Finding]:
    """All findings about a bundle's files.

    Args:
        bundle: the bundle.
        target: what its dependencies were vendored for; None where they were not packed.
    """
    yield from _modules(bundle)
    for path in bundle.files:
        yield from _native(bundle, path, target)
        if not path.startswith(VENDOR):
            yield from _secret(bundle, path)
    yield from _requirements(bundle)


def _modules(bundle: Bundle) -> Iterator[Finding]:
    """Modules at a root of the path that take another module's place, or run before everything."""
    tops: dict[str, str] = {}
    for path in bundle.files:
        inside = path.removeprefix(VENDOR)
        if inside.endswith(".pth") and "/" not in inside:
            fix = "Remove it, and import what the code needs where it needs it."
            yield _finding("startup", path, "Python would run this file when it starts", fix)
        if inside.endswith((".py", ".so")):
            tops.setdefault(inside.partition("/")[0].partition(".")[0], path)
    for name, path in tops.items():
        if name in STARTUP:
            fix = "Remove it, and import what the code needs where it needs it."
            yield _finding("startup", path, "Python would run this file when it starts", fix)
        elif name in sys.stdlib_module_names:
            what = f"the module takes the place of Python's own {name!r}"
            severity = Severity.ERROR if name in NEEDED else Severity.WARNING
            yield _finding("shadow", path, what, "Rename it, or move it into the app's package.", severity)
        elif name in SDK - {"interlock"} and not path.startswith(VENDOR):
            what = f"the module takes the place of {name!r}, which the platform's SDK needs"
            yield _finding("shadow", path, what, "Rename it, or move it into the app's package.")


def _native(bundle: Bundle, path: str, target: Target | None) -> Iterator[Finding]:
    fix = "Pack the app again: interlock app pack"
    suffix = PurePosixPath(path).suffix
    if suffix in FOREIGN:
        yield _finding("native", path, "the native code is not for Linux", fix)
    if suffix != ".so" and ".so." not in PurePosixPath(path).name:
        return
    head = bundle.files[path][:20]
    machine = MACHINES.get(int.from_bytes(head[18:20], "little")) if head[:4] == b"\x7fELF" else None
    if machine is None:
        yield _finding("native", path, "the native code is not for Linux on x86_64 or arm64", fix)
    elif target is None:
        yield _finding("native", path, "native code is in the bundle, and nothing says for which processor", fix)
    elif machine != target.architecture:
        yield _finding(
            "native", path, f"the native code is for {machine}, and the bundle for {target.architecture}", fix
        )
    tag = _TAG.search(path)
    if tag and target and f"3.{tag.group(1)}" != target.python:
        what = f"the native code is for Python 3.{tag.group(1)}, and the bundle for Python {target.python}"
        yield _finding("native", path, what, fix)


def _secret(bundle: Bundle, path: str) -> Iterator[Finding]:
    fix = "Take it out, revoke it, and declare a secret in [permissions] instead."
    if PurePosixPath(path).name.startswith(".env"):
        what = "a file of environment variables often holds secrets, and every tenant's functions could read it"
        yield _finding("secret", path, what, fix, Severity.WARNING)
    content = bundle.files[path]
    if len(content) > limits.SEARCHED_BYTES:
        return
    for match in _SECRETS.finditer(content):
        if not match.group().endswith(_EXAMPLE):
            line = content.count(b"\n", 0, match.start()) + 1
            yield _finding("secret", f"{path}:{line}", "the file contains a secret", fix)
            return


def _requirements(bundle: Bundle) -> Iterator[Finding]:
    fix = "Lock them with hashes: interlock app pack"
    if "requirements.txt" in bundle.files and LOCK not in bundle.files and _lines(bundle.files["requirements.txt"]):
        what = "the requirements are not locked, so two packs of the app may have other code"
        yield _finding("unhashed", "requirements.txt", what, fix, Severity.WARNING)
    lock = bundle.files[LOCK].decode(errors="replace").replace("\\\n", " ") if LOCK in bundle.files else ""
    if any("--hash=" not in line for line in _lines(lock.encode())):
        yield _finding("unhashed", LOCK, "a requirement has no hash", fix)


def _lines(text: bytes) -> list[str]:
    """The requirements in a file: no comments, no options of pip."""
    rows = (row.strip() for row in text.decode(errors="replace").splitlines())
    return [row for row in rows if row and not row.startswith(("#", "-"))]


def _finding(code: str, where: str, what: str, fix: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=f"code.{code}", where=where, what=what, fix=fix, severity=severity)

"""The checks of `scripts/check`: each part with its time, all of them even where one fails.

Two run at a time. The types and the unit tests are the longest by far, so both begin first.
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts import setup

ROOT = Path(__file__).resolve().parents[1]
PARTS: dict[str, tuple[str, ...]] = {
    "types": ("pyright", "--warnings"),
    # Of each property fewer examples than in `scripts/test`.
    "unit": ("pytest", "-q", "--hypothesis-profile=check", "tests/unit", "tests/corpus/test_labels.py"),
    "lint": ("ruff", "check", "--quiet", "."),
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "rules": ("python", "-m", "scripts.rules"),
    "imports": ("lint-imports", "--no-cache"),
    "dead": ("vulture",),
    "console": ("python", "-m", "scripts.console"),
}


def run(name: str) -> bool:
    """Run one part, print its time, and what it said if it failed.

    Returns:
        Whether it passed.
    """
    began = time.monotonic()
    program, *arguments = PARTS[name]
    bin_folder = Path(sys.executable).parent
    done = subprocess.run(
        [str(bin_folder / program), *arguments],
        cwd=ROOT,
        env=setup.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    passed = done.returncode == 0
    said = "" if passed else done.stdout + done.stderr
    sys.stdout.write(f"{'ok    ' if passed else 'FAILED'} {name:<8}{time.monotonic() - began:6.1f} s\n{said}")
    sys.stdout.flush()
    return passed


def main() -> int:
    """Run the parts named on the command line, or all.

    Returns:
        0 where all passed, else 1; 2 for a part that does not exist.
    """
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.stderr.write(f"no such part: {', '.join(unknown)}; there are: {', '.join(PARTS)}\n")
        return 2
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(run, wanted))
    verdict = "all checks passed" if all(results) else f"{results.count(False)} of {len(results)} checks failed"
    sys.stdout.write(f"{verdict} in {time.monotonic() - began:.1f} s\n")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

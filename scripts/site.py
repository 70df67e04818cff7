"""Builds the documentation as a static site in `build/site`, from the same files that are read in the repository.

The pages keep their places, so a link works in both. A link to what is no page, and an anchor that is not there, fail
the build (`zensical build --strict`).
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import setup

ROOT = Path(__file__).resolve().parents[1]
SOURCE, SITE = ROOT / "build" / "site-source", ROOT / "build" / "site"
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")
BESIDE = ("docs/**/*", "app_templates/*/README.md")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def main() -> int:
    """Build the site.

    Returns:
        0, or the exit code of the builder.
    """
    python = setup.sync()
    assemble(SOURCE)
    command = [str(python.with_name("zensical")), "build", "--clean", "--strict"]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode == 0:
        pages = len(list(SITE.rglob("*.html")))
        sys.stdout.write(f"{SITE}: {pages} pages. Publish the folder on any web server.\n")
    return done.returncode


def assemble(folder: Path) -> None:
    """Lay the pages out as they lie in the repository, with the files that they link to."""
    shutil.rmtree(folder, ignore_errors=True)
    sources = [ROOT / name for name in PAGES] + [path for row in BESIDE for path in ROOT.glob(row)]
    files = {path for path in sources if path.is_file()}
    for page in [path for path in files if path.suffix == ".md"]:
        targets = ((page.parent / link).resolve() for link in LINK.findall(page.read_text()))
        files |= {path for path in targets if path.is_file() and path.is_relative_to(ROOT)}
    for path in files:
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


if __name__ == "__main__":
    sys.exit(main())

"""Puts the pictures of the docs in place: `python -m scripts.generate.screens`, after the browser tests made them.

The tests of the console make a picture of each page in `build/screens` (`scripts/test console`). The few that
README and the tutorial show are copied to `docs/images`, and committed as they are.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE, SHOWN = ROOT / "build" / "screens", ROOT / "docs" / "images"
PICTURES = {
    "run-failed.png": "runs-one-light.png",
    "upgrade.png": "dialog-upgradedialog-upgrade-orders-from-1-0-0-light.png",
    "diff.png": "diff-dark.png",
}
"""The name in the docs, and the picture that the tests make."""


def main() -> int:
    """Copy them.

    Returns:
        0, or 1 where the tests have not made one of them.
    """
    missing = [name for name in PICTURES.values() if not (MADE / name).is_file()]
    if missing:
        sys.stderr.write(f"{MADE} lacks {', '.join(missing)}. Make them: scripts/test console\n")
        return 1
    SHOWN.mkdir(parents=True, exist_ok=True)
    for name, picture in PICTURES.items():
        shutil.copyfile(MADE / picture, SHOWN / name)
        sys.stdout.write(f"wrote docs/images/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

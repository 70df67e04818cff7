"""What the contract says of schedules."""

import os
import subprocess
import sys
from importlib.metadata import requires


def test_zones_are_known_where_the_system_has_no_database() -> None:
    """As in Lambda's runtime: the package's own database alone, which the platform's extra brings."""
    script = "from interlock.contract.schedule import check_zone; check_zone('Europe/Berlin')"
    subprocess.run([sys.executable, "-c", script], env=os.environ | {"PYTHONTZPATH": ""}, check=True, timeout=60)
    assert any(
        row.startswith("tzdata") and 'extra == "platform"' in row.replace("'", '"')
        for row in requires("interlock") or ()
    )

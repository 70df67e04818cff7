"""The bundle's folder is where its code is imported from, as in Lambda."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

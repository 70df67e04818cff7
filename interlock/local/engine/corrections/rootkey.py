"""AWS: a key is known or it is refused.

The emulator: `test`, no key at all, and any 12 digits are root.
"""

from __future__ import annotations

from .edit import Correction, Edit

ROOT_KEY = Correction(
    name="root_key",
    aws="only keys that exist are accepted",
    emulator="`test` or any 12 digits is root",
    edits=(
        Edit(
            "ministack.core.iam_evaluator",
            """        not access_key_id
        or access_key_id == "test"
        or access_key_id == configured_key
        or bool(_ACCOUNT_ID_RE.fullmatch(access_key_id))
""",
            """        not access_key_id
        or access_key_id == configured_key
""",
        ),
    ),
)

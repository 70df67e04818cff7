"""AWS: a key is known or it is refused, and a role's session key cannot be computed by others.

The emulator: `test` and any 12 digits are root; a function's session is a hash of its public ARNs.
"""

from __future__ import annotations

from .edit import Correction, Edit

ROOT_KEY = Correction(
    name="root_key",
    aws="only keys that exist are accepted",
    emulator="`test` or any 12 digits is root",
    edits=(
        Edit(
            "ministack.core.lambda_runtime",
            """    digest = hashlib.sha256(f"{function_arn}:{role_arn}".encode()).hexdigest()
""",
            """    salt = os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    digest = hashlib.sha256(f"{salt}:{function_arn}:{role_arn}".encode()).hexdigest()
""",
        ),
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

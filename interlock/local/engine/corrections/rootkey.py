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
        # Sessions are read here while other threads add some: a step failed for it.
        Edit(
            "ministack.services.sts",
            "    for key in [k for k, s in _sessions.items()\n",
            "    for key in [k for k, s in list(_sessions.items())\n",
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

# Whoever saw a presigned URL of the root key knew its id, and the id alone was enough.
ROOT_SIGNATURE = Correction(
    name="root_signature",
    aws="a request signed with the wrong secret is refused, whoever's key it names",
    emulator="the root key's signature is not checked at all",
    edits=(
        Edit(
            "ministack.core.iam_evaluator",
            "    if _is_root_key(access_key_id) or _verified_key.get() == access_key_id:\n",
            "    if _verified_key.get() == access_key_id:\n",
        ),
        Edit(
            "ministack.core.iam_evaluator",
            "    if sigv2 and claimed and not _is_root_key(claimed) and not authorization",
            "    if sigv2 and claimed and not authorization",
        ),
        Edit(
            "ministack.core.iam_evaluator",
            "    if not authorization and claimed and not _is_root_key(claimed) and _s3_presigned_query(",
            "    if not authorization and claimed and _s3_presigned_query(",
        ),
        Edit(
            "ministack.core.iam_evaluator",
            """_signature_attempted(authorization, query_params) and not (
            claimed and _is_root_key(claimed)) and not _s3_presigned_query""",
            """_signature_attempted(authorization, query_params) and not _s3_presigned_query""",
        ),
        Edit(
            "ministack.core.iam_evaluator",
            "    if not (verifiable or names_no_key) or (access_key_id and _is_root_key(access_key_id)):\n",
            "    if not (verifiable or names_no_key):\n",
        ),
    ),
)

"""AWS: who may not list a bucket is not told that a key is absent: GetObject and HeadObject answer 403.

The emulator: 404, whoever asks, so that what reads an absent key as None works here and fails there.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax (Permissions)
A condition on `s3:prefix` does not allow it: reading an object has no prefix.
"""

from __future__ import annotations

from .edit import Correction, Edit

ABSENT_KEYS = Correction(
    name="absent_keys",
    aws="an absent key is 403 to a caller without s3:ListBucket, and 404 to others",
    emulator="it is 404 to everybody",
    edits=(
        Edit(
            "ministack.app",
            """            json.dumps({"__type": "InternalError", "message": str(e)}).encode(),
        )

    # Real AWS picks a response envelope's Content-Type""",
            """            json.dumps({"__type": "InternalError", "message": str(e)}).encode(),
        )

    if AUTH and service == "s3" and status == 404 and iam_action in ("s3:GetObject", "s3:GetObjectVersion") \\
            and method in ("GET", "HEAD") and (method == "HEAD" or b"<Code>NoSuchKey</Code>" in resp_body):
        denied = enforce(access_key, "s3:ListBucket", service, region, resource_arn=resource_arn.partition("/")[0])
        if denied:
            return access_denied_response(
                service, iam_action, denied.principal_arn, request_id, headers=headers,
                resource_arn=resource_arn, explicit_deny=False, resource_policy_arn=None,
            )

    # Real AWS picks a response envelope's Content-Type""",
        ),
    ),
)

"""AWS: a form upload's checksum is checked and kept, and `Object Created` names the version.

The emulator: ignores the checksum fields of a form, and leaves the version id out of the event.
"""

from __future__ import annotations

from .edit import Correction, Edit

_S3 = "ministack.services.s3"

UPLOADS = Correction(
    name="uploads",
    aws="a POST's checksum is verified and stored; EventBridge's event has object.version-id",
    emulator="neither",
    edits=(
        Edit(
            _S3,
            """    etag = f'"{md5_hash(file_value)}"'
    obj = _build_object_record(file_value, synth, etag=etag)
""",
            """    etag = f'"{md5_hash(file_value)}"'
    given = {name: value for name, value in fields.items() if name.startswith("x-amz-checksum-")}
    algorithm = fields.get("x-amz-checksum-algorithm") or fields.get("x-amz-sdk-checksum-algorithm")
    if algorithm:
        given["x-amz-sdk-checksum-algorithm"] = algorithm
    checksums, checksum_error = _resolve_object_checksums(file_value, given)
    if checksum_error:
        return checksum_error
    obj = _build_object_record(file_value, synth, etag=etag, checksums=checksums)
""",
        ),
        Edit(
            _S3,
            """                if reason is not None:
                    detail["reason"] = reason
                if detail_type == "Object Deleted":
""",
            """                if reason is not None:
                    detail["reason"] = reason
                if version_id:
                    detail["object"]["version-id"] = version_id
                if detail_type == "Object Deleted":
""",
        ),
    ),
)

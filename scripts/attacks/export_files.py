"""Export files for attacks and fuzzing: a sound one, with code that would leave a mark, and ones that were changed."""

import base64
import hashlib
import io
import random
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from interlock.cli.apps.packing import zip_files
from interlock.contract.debug_step import BundleRef, Proof
from interlock.contract.envelope import Trigger
from interlock.contract.payload import canonical, digest
from interlock.contract.registry import Certificate, Level
from interlock.contract.run import Body, Failed, RecordStatus, Run, RunStatus, StepRecord
from interlock.contract.run_export import ExportManifest
from interlock.debugger.redaction import redact_run
from interlock.debugger.run_export import export_file
from interlock.local.import_file import COMMENT_CHARS

APP, VERSION, RUN = "acme/app", "1.0.0", "a"
NOW = "2026-01-01T00:00:00.000Z"
MANIFEST = f"""[app]
id = "{APP}"
version = "{VERSION}"
title = "App"
category = "automation"
[steps.one]
handler = "code:one"
[workflows.main]
steps = ["one"]
"""
CODE = "def one(value):\n    return value\n"


def bundle_zip(code: str = CODE) -> bytes:
    """The bundle of an app with one step."""
    return zip_files({"interlock.toml": MANIFEST.encode(), "code.py": code.encode()})


def exported_run(run: str = RUN, **fields: Any) -> Run:
    """A run that failed in its step."""
    trigger = Trigger(kind="api", name="api", id="1")
    row: dict[str, Any] = {"id": run, "tenant": "acme", "install": "i", "app": APP, "version": VERSION}
    row |= {"workflow": "main", "trigger": trigger, "status": RunStatus.FAILED, "started": NOW, "input": _body({})}
    row |= {"execution": f"arn:aws:states:us-east-1:1:execution:m:acme_i_{run}"}
    return Run.model_validate(row | {"failed": Failed(error="ValueError", state="One")} | fields)


def step_record(run: str = RUN, value: Any = None, **fields: Any) -> StepRecord:
    """The record of the step."""
    body = _body({} if value is None else value)
    row: dict[str, Any] = {"run": run, "execution": f"acme_i_{run}", "state": "One", "step": "one", "entered": NOW}
    row |= {"digest": body.digest, "input": body, "started": NOW, "ended": NOW, "status": RecordStatus.FAILED}
    return StepRecord.model_validate(row | fields)


def export_bytes(run: Run | None = None, bundle: bytes | None = None, **fields: Any) -> bytes:
    """A sound export file; `fields` are of its manifest."""
    run = exported_run() if run is None else run
    zipped = bundle_zip() if bundle is None else bundle
    code = hashlib.sha256(zipped).hexdigest()
    head = ExportManifest.model_validate({"run": run.id, "code": code} | fields)
    redacted = redact_run(run, [step_record(run.id)], ())
    return export_file(redacted, {"StartAt": "One"}, (), head, zipped)[0]


def resealed(data: bytes, changes: Mapping[str, bytes | None], **fields: Any) -> bytes:
    """The file with members changed or left out, and with digests that fit again; `fields` are of its manifest."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members = {name: part for name, part in (members | dict(changes)).items() if part is not None}
    head = ExportManifest.model_validate_json(members["manifest.json"])
    digests = {name: hashlib.sha256(part).hexdigest() for name, part in members.items() if name != "manifest.json"}
    members["manifest.json"] = head.model_copy(update={"members": digests} | fields).model_dump_json().encode()
    return sealed(members)


def sealed(members: Mapping[str, bytes]) -> bytes:
    """A zip of members with the digest of its manifest behind it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in members.items():
            archive.writestr(name, part)
        archive.comment = hashlib.sha256(members.get("manifest.json", b"")).hexdigest().encode()
    return buffer.getvalue()


class Platform:
    """A platform that certifies: its key, and what it answers of a bundle."""

    def __init__(self) -> None:
        """Make a key."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public_key = base64.b64encode(public).decode()
        self.key = hashlib.sha256(public).hexdigest()

    def prove(self, code: str, app: str = APP, version: str = VERSION) -> Proof:
        """That it certified a bundle."""
        certificate = Certificate(
            app=app,
            version=version,
            digest=code,
            manifest=digest({}),
            plan=digest({}),
            permissions=(),
            level=Level.AUTOMATIC,
        )
        text = canonical(certificate.model_dump(mode="json", exclude_defaults=True))
        message = hashlib.sha256(text.encode()).hexdigest().encode()
        signature = base64.b64encode(self._key.sign(message, ec.ECDSA(SHA256()))).decode()
        return Proof(certificate=certificate, signature=signature, key=self.key)

    def bundle_ref(self, proof: Proof) -> BundleRef:
        """What its API answers to somebody who is signed in."""
        return BundleRef(
            app=APP,
            version=VERSION,
            digest=proof.certificate.digest,
            url="https://x",
            proof=proof,
            public_key=self.public_key,
        )


def mutants(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """Files that differ from a sound one: in its bytes, in a member's bytes under fitting digests, or in its length."""
    dice = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for ordinal in range(count):
        match ordinal % 4:
            case 0:
                yield _mutated(data, dice)
            case 1:
                name = dice.choice(sorted(members))
                yield sealed(members | {name: _mutated(members[name], dice)})
            case 2:
                name = dice.choice(sorted(members.keys() - {"manifest.json"}))
                yield resealed(data, {name: _mutated(members[name], dice)})
            case _:
                cut = dice.randrange(len(data))
                tail = data[-COMMENT_CHARS - 24 :]
                yield data[:cut] + dice.randbytes(dice.randrange(64)) + tail


def _mutated(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8))):
        place = dice.randrange(len(changed))
        piece = dice.choice(
            (b"null", b"[]", b"{}", b"-1", b'"', b"[" * 3_000, b"\xff", b"1" * 5_000, b"NaN", b"\\ud800")
        )
        match dice.randrange(3):
            case 0:
                changed[place] = dice.randrange(256)
            case 1:
                changed[place : place + dice.randrange(8)] = piece
            case _:
                del changed[place : place + dice.randrange(1, 32)]
        if not changed:
            break
    return bytes(changed)


def _body(value: Any) -> Body:
    return Body(value=value, digest=digest(value), size=len(canonical(value)))

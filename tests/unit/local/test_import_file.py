"""Exported runs: what an import takes, what it refuses without a traceback, and whose code may run here."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from interlock.cli.runs.trust import require_trust
from interlock.contract.core.failure import BadRequest, Conflict, Failure, TooLarge
from interlock.contract.run_export import ExportManifest
from interlock.debugger.redaction import Redacted
from interlock.debugger.run_export import FREE_BYTES, MAX_RATIO, export_file
from interlock.local.import_file import import_file
from interlock.local.imported import find_imported
from interlock.local.trust import is_trusted, learn_key, load_trust
from scripts.attacks.export_files import (
    Platform,
    bundle_zip,
    export_bytes,
    exported_run,
    mutants,
    resealed,
    step_record,
)

SEED, MUTANTS = 10, 2_000


def test_changed_files_never_end_in_a_traceback(tmp_path: Path) -> None:
    refused = 0
    for ordinal, mutant in enumerate(mutants(export_bytes(), SEED, MUTANTS)):
        try:
            import_file(mutant, tmp_path)
        except Failure as failure:
            assert isinstance(failure, BadRequest | Conflict | TooLarge), ordinal
            assert failure.next_step, ordinal
            refused += 1
    assert MUTANTS * 0.9 < refused < MUTANTS
    assert [path.name for path in (tmp_path / "imported").iterdir()] == ["a"]


def test_a_refused_import_keeps_the_one_before(tmp_path: Path) -> None:
    import_file(export_bytes(), tmp_path)
    with pytest.raises(Conflict):
        import_file(resealed(export_bytes(), {"workflow.asl.json": b"[]"}), tmp_path)
    file = find_imported(tmp_path, "a")
    assert file is not None
    assert file.definition == {"StartAt": "One"}


def test_an_import_takes_whatever_an_export_writes(tmp_path: Path) -> None:
    record = step_record(value={"text": "x" * (FREE_BYTES * 4)})
    redacted = Redacted(exported_run(), (record,), ())
    data, _ = export_file(redacted, {}, (), ExportManifest(run="a"), None)
    assert len(data) * MAX_RATIO > FREE_BYTES * 4
    assert import_file(data, tmp_path).steps == (record,)


def test_an_export_that_no_import_takes_is_refused() -> None:
    definition = {"Comment": "x" * 2 * FREE_BYTES}
    with pytest.raises(TooLarge) as refused:
        export_file(Redacted(exported_run(), (), ()), definition, (), ExportManifest(run="a"), None)
    assert refused.value.code == "export-too-large"


def test_the_answer_about_a_digest_is_remembered(tmp_path: Path) -> None:
    file = import_file(export_bytes(), tmp_path)
    with pytest.raises(Conflict) as refused:
        require_trust(file, tmp_path, "", machine=True)
    digest = hashlib.sha256(bundle_zip()).hexdigest()
    assert refused.value.next_step.endswith(f"interlock run debug imported:a --trust-bundle {digest}")
    require_trust(file, tmp_path, digest, machine=True)
    require_trust(file, tmp_path, "", machine=True)
    other = import_file(export_bytes(bundle=bundle_zip("x = 1\n")), tmp_path)
    with pytest.raises(Conflict):
        require_trust(other, tmp_path, digest, machine=True)


def test_a_key_is_learned_with_a_proof_that_fits(tmp_path: Path) -> None:
    platform, other = Platform(), Platform()
    proof = platform.prove("0" * 64)
    learn_key(tmp_path, other.bundle_ref(proof))
    assert load_trust(tmp_path).keys == {}
    learn_key(tmp_path, platform.bundle_ref(proof))
    assert list(load_trust(tmp_path).keys) == [platform.key]
    code = hashlib.sha256(bundle_zip()).hexdigest()
    assert is_trusted(tmp_path, import_file(export_bytes(proof=platform.prove(code)), tmp_path))
    assert not is_trusted(tmp_path, import_file(export_bytes(proof=other.prove(code)), tmp_path))


def test_a_broken_file_of_trust_is_named(tmp_path: Path) -> None:
    (tmp_path / "trust.json").write_text("[]")
    with pytest.raises(BadRequest) as refused:
        load_trust(tmp_path)
    assert refused.value.code == "trust-file"

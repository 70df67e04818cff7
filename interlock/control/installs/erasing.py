"""Erasing objects and runs, batch by batch while there is time, with a receipt that counts each thing once.

What a batch has is noted in the receipt before it goes, with the place of its last one; whatever an attempt before this
one noted and did not delete lies at or before that place, so it is deleted and not counted again.
"""

from collections.abc import Callable, Sequence

from interlock.aws.services import objects
from interlock.aws.services.objects import ObjectVersion
from interlock.aws.tables.run_erasure import delete_keys, keys_of_run, oldest_runs
from interlock.aws.tables.runs import RUN_ITEM
from interlock.aws.tables.table import Key, Table
from interlock.contract.deletion import Counts, DeletionReceipt

Note = Callable[[Callable[[DeletionReceipt], DeletionReceipt]], object]
"""Changes the receipt that is stored."""
MoreTime = Callable[[], bool]
RUNS_PER_BATCH = 25
ITEMS_PER_BATCH = 1_000


def erase_objects(bucket: str, prefixes: Sequence[str], note: Note, more_time: MoreTime) -> bool:
    """Delete every version of every object below the prefixes; whether nothing is left.

    Args:
        bucket: the bucket.
        prefixes: where the objects are.
        note: changes the receipt.
        more_time: asked before each batch.
    """
    for prefix in sorted(prefixes):
        while (batch := objects.version_batch(bucket, prefix)).rows:
            if not more_time():
                return False
            counts = _counts(batch.rows)
            if not batch.whole:
                # More versions of one key than S3 lists at once: no place within a key says which were counted.
                objects.delete_versions(bucket, batch.rows)
                note(lambda receipt, counts=counts: receipt.with_counts(counts))
                continue
            note(lambda receipt, rows=batch.rows: _with_objects(receipt, rows))
            objects.delete_versions(bucket, batch.rows)
    return True


def erase_runs(table: Table, tenant: str, note: Note, more_time: MoreTime) -> bool:
    """Delete a tenant's runs with their records, the oldest first; whether nothing is left."""
    while oldest := oldest_runs(table, tenant, RUNS_PER_BATCH):
        if not more_time():
            return False
        batch: list[tuple[str, list[Key]]] = []
        for place, run in oldest:
            batch.append((place, keys_of_run(table, tenant, run)))
            if sum(len(keys) for _, keys in batch) >= ITEMS_PER_BATCH:
                break
        numbers = [(place, len(keys)) for place, keys in batch]
        note(lambda receipt, numbers=numbers: _with_runs(receipt, numbers))
        # The runs' own items last: by them a task that runs again finds what is left of the others.
        keys = sorted((key for _, keys in batch for key in keys), key=lambda key: key.sk == RUN_ITEM)
        delete_keys(table, keys)
    return True


def _counts(rows: Sequence[ObjectVersion]) -> Counts:
    kinds = [row.kind for row in rows]
    return Counts(objects=kinds.count("object"), versions=kinds.count("version"), markers=kinds.count("marker"))


def _with_objects(receipt: DeletionReceipt, rows: Sequence[ObjectVersion]) -> DeletionReceipt:
    fresh = [row for row in rows if row.key > receipt.last_object]
    after = receipt.with_counts(_counts(fresh))
    return after.model_copy(update={"last_object": max(receipt.last_object, rows[-1].key)})


def _with_runs(receipt: DeletionReceipt, numbers: Sequence[tuple[str, int]]) -> DeletionReceipt:
    fresh = [number for place, number in numbers if place > receipt.last_run]
    after = receipt.with_counts(Counts(runs=len(fresh), records=sum(fresh)))
    return after.model_copy(update={"last_run": max(receipt.last_run, numbers[-1][0])})

"""AWS: has no process to stop.

The emulator: runs the items of a Map in threads that its process waits for at its end, so that one item that waits for
a task token (a paused step) keeps the engine from stopping; the branches of a Parallel it does not wait for.
"""

from __future__ import annotations

from .edit import Correction, Edit

_POOL = '''from concurrent.futures import ThreadPoolExecutor


class _ItemPool(ThreadPoolExecutor):
    """A pool whose threads end with the process, as those of a Parallel's branches do."""

    def _adjust_thread_count(self):
        import weakref
        from concurrent.futures.thread import _worker

        if self._idle_semaphore.acquire(timeout=0):
            return
        queue = self._work_queue
        if len(self._threads) < self._max_workers:
            reference = weakref.ref(self, lambda _, queue=queue: queue.put(None))
            thread = threading.Thread(target=_worker, args=(reference, queue, None, ()), daemon=True)
            thread.start()
            self._threads.add(thread)


'''

ITEM_THREADS = Correction(
    name="item_threads",
    aws="an engine with a paused item of a Map can be stopped",
    emulator="its process waits for the item",
    edits=(
        Edit("ministack.services.stepfunctions", "from concurrent.futures import ThreadPoolExecutor\n", _POOL),
        Edit(
            "ministack.services.stepfunctions",
            "    with ThreadPoolExecutor(max_workers=workers) as pool:\n        futs = [\n",
            "    with _ItemPool(max_workers=workers) as pool:\n        futs = [\n",
        ),
        Edit(
            "ministack.services.stepfunctions",
            "    with ThreadPoolExecutor(max_workers=workers) as pool:\n        futures_wait([pool.submit(",
            "    with _ItemPool(max_workers=workers) as pool:\n        futures_wait([pool.submit(",
        ),
    ),
)

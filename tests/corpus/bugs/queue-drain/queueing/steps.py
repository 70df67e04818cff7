"""Drains a queue."""

from concurrent.futures import ThreadPoolExecutor, wait

from interlock import step
from queueing.decode import decode


class DrainError(Exception):
    """A worker failed."""


@step
def drain(value: dict) -> dict:
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(decode, text) for text in value["messages"]]
    wait(jobs)
    failed = [job.exception() for job in jobs if job.exception()]
    if failed:
        raise DrainError("a worker failed", failed[0])
    return {"messages": [job.result() for job in jobs]}

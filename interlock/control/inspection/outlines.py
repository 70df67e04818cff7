"""Outlines of a run's records, a page at a time: what a comparison of two long runs reads."""

import json

from interlock.aws.tables.runs import Runs

ENOUGH = 6_000
"""With so many a page is answered, which is every run: some 500 bytes each, and a function answers 6 MB at most."""


def list_outlines(runs: Runs, tenant: str, run: str, cursor: str | None = None) -> str:
    """A page of the outlines of a run's records, in the order in which their states were entered.

    Returns:
        The page as JSON; `interlock.contract.run.OutlinePage` reads it. The outlines are JSON where they are stored.

    Raises:
        NotFound: the tenant has no such run.
    """
    if cursor is None:
        runs.find(tenant, run)
    texts: list[str] = []
    for key, text in runs.outlines(tenant, run, cursor):
        texts.append(text)
        if len(texts) >= ENOUGH:
            return f'{{"steps":[{",".join(texts)}],"cursor":{json.dumps(key)}}}'
    return f'{{"steps":[{",".join(texts)}]}}'

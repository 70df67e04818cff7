"""Dead letters that match a filter are counted, or put back, a page at a time: each page is one call.

The pages go from the newest letter to the oldest. A letter that comes back is where it was, so it is put back once.
"""

from interlock.contract.core.failure import Failure, Throttled, Unavailable
from interlock.contract.core.page import PageRequest
from interlock.contract.dead_letter import BulkRedriven, BulkRedriveRequest, DeadLetter, DeadState, RefusedRedrive
from interlock.control.events.dead_letters import MAX_PAGE, DeadLetterContext, list_dead, redrive_dead

REDRIVE_PAGE = 25
"""Letters of one call: each takes some calls of AWS one after the other, and an API's call has 30 s."""
COUNT_PAGES = 10
"""Pages of letters that one call counts."""


def redrive_page(context: DeadLetterContext, tenant: str, request: BulkRedriveRequest, by: str) -> BulkRedriven:
    """Put one page of letters back, or count some pages of them.

    Raises:
        BadRequest: the cursor belongs to another list.
    """
    if request.count_only:
        return _counted(context, tenant, request)
    page = list_dead(context, tenant, DeadState.DEAD, PageRequest(REDRIVE_PAGE, request.cursor), request.install)
    matching = [letter for letter in page.letters if _matches(letter, request)]
    sent, refused = 0, list[RefusedRedrive]()
    for letter in matching:
        try:
            sent += redrive_dead(context, tenant, letter.id, by).sent
        except (Throttled, Unavailable):
            raise
        except Failure as failure:
            refused.append(RefusedRedrive(id=letter.id, code=failure.code, what=failure.what))
    return BulkRedriven(
        matched=len(matching),
        sent=sent,
        started=len(matching) - sent - len(refused),
        refused=tuple(refused),
        cursor=page.cursor,
    )


def _counted(context: DeadLetterContext, tenant: str, request: BulkRedriveRequest) -> BulkRedriven:
    matched, cursor = 0, request.cursor
    for _ in range(COUNT_PAGES):
        page = list_dead(context, tenant, DeadState.DEAD, PageRequest(MAX_PAGE, cursor), request.install)
        matched += sum(_matches(letter, request) for letter in page.letters)
        cursor = page.cursor
        if cursor is None:
            break
    return BulkRedriven(matched=matched, cursor=cursor)


def _matches(letter: DeadLetter, request: BulkRedriveRequest) -> bool:
    return request.code in ("", letter.code)

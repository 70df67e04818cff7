"""Dead letters as people ask for them: list, show, put back, drop. A publisher sees those of its app, less payloads."""

from dataclasses import dataclass

from pydantic import ValidationError

from interlock.aws.services import queues
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.dead_letters import DeadLetters
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import Page, Stored
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import BadRequest, Conflict, NotFound
from interlock.contract.core.page import PageRequest
from interlock.contract.dead_letter import NO_TENANT, DeadLetter, DeadPage, DeadState, DeadView, Redriven
from interlock.contract.event import CatalogDetail
from interlock.contract.run import RunStatus
from interlock.contract.start_message import StartMessage
from interlock.control.events.events import publish_change
from interlock.control.events.record_dead_letter import CHANGE

PAGE = 50
MAX_PAGE = 100


@dataclass(frozen=True)
class DeadLetterContext:
    """What looking after dead letters works with."""

    runs: Runs
    bucket: str
    queue: str

    @property
    def letters(self) -> DeadLetters:
        """The dead letters."""
        return DeadLetters(self.runs.table.name)


def list_dead(
    context: DeadLetterContext,
    tenant: str,
    state: DeadState,
    page: PageRequest = PageRequest(PAGE),
    install: str = "",
) -> DeadPage:
    """One page of a tenant's dead letters, or of one install's, newest first."""
    limit = _limit(page.limit)
    return _page(context.letters.page(tenant, state, install=install, limit=limit, cursor=page.cursor))


def list_dead_of_app(
    context: DeadLetterContext, app: str, state: DeadState, page: PageRequest = PageRequest(PAGE)
) -> DeadPage:
    """One page of an app's dead letters in every tenant, newest first, without what is the tenant's alone."""
    whole = _page(context.letters.page_of_app(app, state, limit=_limit(page.limit), cursor=page.cursor))
    bare = tuple(
        row.model_copy(update={"message": None, "chain": (), "by": "", "install_name": ""}) for row in whole.letters
    )
    return DeadPage(letters=bare, cursor=whole.cursor)


def show_dead(context: DeadLetterContext, tenant: str, letter: str) -> DeadView:
    """A dead letter, what stood on the queue, and the run that it became after all.

    Raises:
        NotFound: the tenant has no such letter, or its payload is past its retention.
    """
    dead = context.letters.find(tenant, letter).item
    payload = Bodies(context.bucket, tenant, letter).read(dead.message) if dead.message else None
    return DeadView(letter=dead, payload=payload, run=_run_status(context, dead))


def redrive_dead(context: DeadLetterContext, tenant: str, letter: str, by: str) -> Redriven:
    """Put a start back on the queue, with the ids that it had: a run of it that exists is not started again.

    Raises:
        NotFound: the tenant has no such letter.
        Conflict: it was dropped, so that nothing is left to put back; or nobody could read it.
    """
    stored = context.letters.find(tenant, letter)
    dead = stored.item
    if dead.message is None or dead.tenant == NO_TENANT:
        raise Conflict(
            f"the dead letter is {dead.state.value} and can't be started again",
            where=letter,
            code="dead-letter-gone",
            next_step="Send the event again: interlock event send NAME",
        )
    status = _run_status(context, dead)
    if status and status != RunStatus.STARTING.value:
        _mark(context, stored, DeadState.REDRIVEN, by)
        what = f"its run started already and is {status}, so the event was not sent: interlock run show {letter}"
        return Redriven(id=letter, sent=False, run=status, what=what)
    raw = Bodies(context.bucket, tenant, letter).read(dead.message)
    if dead.kind == CHANGE:
        return _publish(context, stored, raw, by)
    try:
        message = StartMessage.model_validate(raw).model_copy(update={"redriven": True})
    except ValidationError as error:
        raise _unreadable("start", letter) from error
    queues.send(context.queue, message.model_dump_json(), message.tenant)
    _mark(context, stored, DeadState.REDRIVEN, by)
    return Redriven(id=letter, sent=True, what=f"it starts as run {letter}, or comes back as this letter")


def _publish(context: DeadLetterContext, stored: Stored[DeadLetter], raw: Json, by: str) -> Redriven:
    """Publish a change of the catalog after all; by its change id it starts nothing twice."""
    try:
        change = CatalogDetail.model_validate_json(str(raw))
    except ValidationError as error:
        raise _unreadable("change", stored.item.id) from error
    publish_change(change)
    _mark(context, stored, DeadState.REDRIVEN, by)
    return Redriven(id=stored.item.id, sent=True, what=f"it is published as {change.id}")


def _unreadable(what: str, letter: str) -> Conflict:
    return Conflict(
        f"the platform can't read the {what}",
        where=letter,
        code="dead-letter-gone",
        next_step=f"interlock event dead drop {letter}",
    )


def drop_dead(context: DeadLetterContext, tenant: str, letter: str, by: str) -> DeadLetter:
    """Give a start up: the letter stays as a note, its payload goes.

    Raises:
        NotFound: the tenant has no such letter.
        Conflict: somebody else wrote it at this moment.
    """
    stored = context.letters.find(tenant, letter)
    dropped = _as(stored.item, DeadState.DROPPED, by).model_copy(update={"message": None})
    context.letters.write(Stored(item=dropped, rev=stored.rev))
    return dropped


def _mark(context: DeadLetterContext, stored: Stored[DeadLetter], state: DeadState, by: str) -> None:
    try:
        context.letters.write(Stored(item=_as(stored.item, state, by), rev=stored.rev))
    except Conflict:
        # The start that was put back has died again meanwhile, and says so in the letter.
        return


def _as(letter: DeadLetter, state: DeadState, by: str) -> DeadLetter:
    return letter.model_copy(update={"state": state, "by": by, "last": now()})


def _run_status(context: DeadLetterContext, letter: DeadLetter) -> str:
    try:
        return context.runs.find(letter.tenant, letter.id).item.status.value
    except NotFound:
        return ""


def _page(page: Page) -> DeadPage:
    return DeadPage(letters=tuple(row.read(DeadLetter) for row in page.rows), cursor=page.cursor)


def _limit(limit: int) -> int:
    if not 1 <= limit <= MAX_PAGE:
        raise BadRequest(f"the limit must be 1 to {MAX_PAGE}", where="limit", next_step=f"Write limit={PAGE}.")
    return limit

"""The review of a version: what of it a person has to let pass, and the person's word.

reasons_of      what wants a person: sensitive scopes, hosts that no version before sent data to, the publisher's wish
weigh           does this version want one?
ask             a task of `statemachines/publish` that waits for the word; its token is kept, and never answered
decide_review   the word; where the machine that waited is gone, another one goes on from there
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from interlock.aws import executions
from interlock.aws.items import Key
from interlock.aws.registry import Registry, StoredVersion, version_item
from interlock.contract import names
from interlock.contract.base import AppId, Document, Json, Moment, Semver, moment
from interlock.contract.certification import Review
from interlock.contract.failure import Conflict, NotFound
from interlock.contract.finding import Finding
from interlock.contract.registry import Version, VersionStatus
from interlock.control.pipeline import Publisher, Upload, begun, change_version, version_of

SENSITIVE = ("catalog:write",)
INDEX = "REVIEWS"
REJECTED = "Rejected"


class WaitingReview(Document):
    """A version that waits for a person."""

    app: AppId
    version: Semver
    reasons: tuple[str, ...]
    since: Moment


class ReviewDecision(Document):
    """A person's word."""

    approve: bool
    comment: str = ""


def reasons_of(version: Version, before: Version | None) -> Iterator[str]:
    """What of a version wants a person. Pure.

    Args:
        version: the one that is published.
        before: the version of the app that was listed last.
    """
    permissions = version.manifest.permissions if version.manifest else None
    for scope in permissions.scopes() if permissions else ():
        kind, _, rest = scope.partition(":")
        if scope in SENSITIVE or kind == "secret" or (kind == "egress" and rest.startswith("*")):
            yield f"{scope} is sensitive"
    known = set(before.manifest.permissions.egress) if before and before.manifest else set[str]()
    for target in permissions.egress if permissions else ():
        if target not in known and not target.startswith("*"):
            yield f"egress:{target} is new"
    if version.review_asked:
        yield "the publisher asked for it"


def weigh(upload: Upload, publisher: Publisher) -> dict[str, Json]:
    """Whether a version has to wait for a person; what for is kept."""
    stored = version_of(upload, publisher)
    version = stored.version
    if version.review is not None:
        return {"review": not version.review.approved}
    listed = [row for row in publisher.registry.versions(version.app) if row.listed]
    reasons = tuple(reasons_of(version, max(listed, key=lambda row: row.listed or "") if listed else None))
    if not reasons or (publisher.settings.auto_review and not version.review_asked):
        return {"review": False}
    review = Review(reasons=reasons, since=moment(datetime.now(UTC)))
    change_version(publisher, stored, **begun(version, VersionStatus.REVIEW), review=review)
    return {"review": True}


def ask(upload: Upload, publisher: Publisher, token: str) -> dict[str, Json]:
    """Keep the token of the machine that waits; answer it where the word was said meanwhile."""
    version = version_of(upload, publisher).version
    if version.review is None:
        raise NotFound("nothing of this version wants a person", where=version.app)
    since = version.review.since
    row = WaitingReview(app=version.app, version=version.version, reasons=version.review.reasons, since=since)
    extra: dict[str, str | int] = {
        "gsi1pk": INDEX,
        "gsi1sk": f"{since}#{version.app}@{version.version}",
        "token": token,
    }
    publisher.registry.table.put(_waiting(version), row, extra=extra)
    said = version_of(upload, publisher).version.review
    if said is not None and said.approved is not None:
        _answer(token, approved=said.approved)
    return {}


def forget_review(version: Version, publisher: Publisher) -> None:
    """A version that is decided waits no more."""
    if version.review is not None:
        publisher.registry.table.delete(_waiting(version))


def waiting_reviews(registry: Registry, limit: int, cursor: str | None) -> tuple[list[WaitingReview], str | None]:
    """A page of the versions that wait for a person, longest first."""
    page = registry.table.query(INDEX, index="gsi1", limit=limit, cursor=cursor)
    return [row.read(WaitingReview) for row in page.rows], page.cursor


def decide_review(
    registry: Registry, machine: str, app: str, version: str, decision: ReviewDecision, by: str
) -> Version:
    """Say the word on a version that waits for it; again, it is passed on again.

    Raises:
        NotFound: no such version.
        Conflict: it waits for nobody, or the other word was said.
    """
    stored = registry.version(app, version)
    found = stored.version
    review = found.review
    if review is None or found.status is not VersionStatus.REVIEW:
        raise Conflict(
            f"{app}@{version} is {found.status.value}: it waits for nobody",
            where=f"{app}@{version}",
            code="review-not-open",
            next_step=f"interlock app show {app}@{version}",
        )
    if review.approved is not None and review.approved is not decision.approve:
        raise Conflict("the other word was said", where=f"{app}@{version}", code="review-decided", next_step="")
    if review.approved is None:
        words = {"approved": decision.approve, "by": by, "comment": decision.comment, "at": moment(datetime.now(UTC))}
        after = found.model_copy(update={"review": review.model_copy(update=words)})
        if not decision.approve:
            fix = "Ask for less, or tell the operator why; then publish again."
            finding = Finding(
                code="review.refused", where="interlock.toml#permissions", what=decision.comment or "refused", fix=fix
            )
            after = after.model_copy(update={"findings": (*after.findings, finding)})
        registry.write_version(StoredVersion(version=after, rev=stored.rev))
        found = after
    _pass_on(registry, machine, found, approved=decision.approve)
    return found


def _pass_on(registry: Registry, machine: str, version: Version, *, approved: bool) -> None:
    row = registry.table.get(_waiting(version))
    try:
        if row is None:
            # The machine has not come to its waiting task, or its engine was stopped: `ask` answers by itself.
            raise Conflict("nobody waits", where=version.app)
        _answer(row.text("token"), approved=approved, tell=True)
    except Conflict:
        order: dict[str, Json] = {"key": version.upload_key, "object_version": version.object_version}
        executions.start(machine, f"review-{names.ulid()}", order)


def _answer(token: str, *, approved: bool, tell: bool = False) -> None:
    try:
        if approved:
            executions.succeed(token)
        else:
            executions.fail(token, REJECTED, "a person refused it")
    except Conflict:
        if tell:
            raise


def _waiting(version: Version) -> Key:
    return Key(pk=version_item(version.app, version.version).pk, sk="REVIEW")

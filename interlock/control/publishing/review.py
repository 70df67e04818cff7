"""The review of a version: which parts a person has to approve, and the person's decision.

reasons_of         the reasons for a review: sensitive scopes, new hosts, a publisher's wish
assess             whether the version needs one; then `statemachines/publish` asks for it (`pauses.approvals`)
approved, refused  the decision, as the version records it
"""

from collections.abc import Iterable, Iterator

from interlock.contract import scope_words
from interlock.contract.approval import Answer, Refusal, keyed_id
from interlock.contract.certification import Review
from interlock.contract.core import limits
from interlock.contract.core.base import Json, now
from interlock.contract.core.finding import Finding
from interlock.contract.registry import Version, VersionStatus
from interlock.control.apps.releases import listed_last
from interlock.control.publishing.context import PublishContext, Upload, begun, change_version, version_of

SENSITIVE = ("catalog:write",)


def reasons_of(version: Version, before: Version | None) -> Iterator[str]:
    """The reasons why a version needs a person's review. Pure.

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


def assess(upload: Upload, context: PublishContext) -> dict[str, Json]:
    """Whether a version has to wait for a person. If it does, the question is recorded."""
    stored = version_of(upload, context)
    version = stored.item
    if version.review is not None:
        return {"review": False} if version.review.approved else _question(version, version.review)
    reasons = tuple(reasons_of(version, listed_last(context.registry, version.app)))
    if not reasons or (context.settings.auto_review and not version.review_asked):
        return {"review": False}
    approval = keyed_id(_subject(version), upload.key)
    review = Review(reasons=reasons, since=now(), approval=approval)
    change_version(context, stored, **begun(version, VersionStatus.REVIEW), review=review)
    return _question(version, review)


def approved(review: Review | None, answer: Answer | None) -> Review | None:
    """The review with the decision that approved the version; unchanged if there is no new decision."""
    if review is None or answer is None:
        return review
    fields = {"approved": answer.approved, "by": answer.by, "comment": answer.comment, "at": answer.at}
    return review.model_copy(update=fields)


def refused(review: Review, refusal: Refusal) -> tuple[Review, Finding]:
    """The review with the decision that refused the version, and the message for the publisher."""
    fix = "Declare fewer permissions, or explain them to the operator; then publish again."
    what = refusal.cause or "the reviewer refused the version"
    finding = Finding(code="review.refused", where="interlock.toml#permissions", what=what, fix=fix)
    return review.model_copy(update={"approved": False, "comment": refusal.cause}), finding


def question_of(version: Version, reasons: Iterable[str]) -> str:
    """The question for the reviewer, in the sentences that tenants read. Pure."""
    said: list[str] = []
    for reason in reasons:
        scope, _, why = reason.rpartition(" is ")
        said.append(f"{scope_words.say(scope)} ({why})" if scope else why)
    question = f"Certify {_subject(version)}? {'; '.join(said)}."
    most = limits.APPROVAL_QUESTION_CHARS
    return question if len(question) <= most else question[: most - 1] + "…"


def _question(version: Version, review: Review) -> dict[str, Json]:
    return {
        "review": True,
        "subject": _subject(version),
        "question": question_of(version, review.reasons),
        "reasons": list(review.reasons),
        "deadline": f"P{limits.REVIEW_DAYS}D",
    }


def _subject(version: Version) -> str:
    return f"{version.app}@{version.version}"

"""All that the platform learns of a bundle by reading it, in bounds: a child reads it, and is ended when it takes long.

Whatever a publisher wrote is parsed here and nowhere else on the platform: manifest, workflows, schemas, code. Budgets
of bytes and counts refuse most of what would be costly by name; for what they do not foresee, the child's processor
time and memory are limited, and the verdict is `bundle.too-costly`.
"""

import json

from interlock.bounds.child import NoAnswerInTime, OutOfBounds, compute
from interlock.compiler.archive import Bundle
from interlock.compiler.golden import Golden, golden_tests
from interlock.compiler.places import places
from interlock.compiler.plan import plan_version
from interlock.compiler.sbom import bill_of
from interlock.compiler.template import version_template
from interlock.compiler.version_plan import VersionPlan
from interlock.contract.core import limits
from interlock.contract.core.base import Json, Model
from interlock.contract.core.failure import Unavailable
from interlock.contract.core.finding import Finding
from interlock.contract.explain import Places


class Inspection(Model):
    """What a bundle is.

    Attributes:
        plan: what would be deployed.
        places: where its states and steps are written.
        sbom: its bill of materials, as CycloneDX.
        tests: its golden tests.
        changelog: the text of its changelog.
        template: the template of its stack.
    """

    plan: VersionPlan
    places: Places
    sbom: dict[str, Json]
    tests: tuple[Golden, ...]
    changelog: str
    template: str


class _Verdict(Model):
    inspection: Inspection | None = None
    findings: tuple[Finding, ...] = ()


def inspect_bundle(bundle: Bundle) -> Inspection | tuple[Finding, ...]:
    """Inspect a bundle in a child with bounds; findings where an error stands in the way.

    The bounds are limits.INSPECT_SECONDS and limits.INSPECT_MEGABYTES.

    Raises:
        Unavailable: the machine was too busy for an answer; the same bundle may have one later.
    """

    def inspect() -> Json:
        return json.loads(_inspect(bundle).model_dump_json(by_alias=True))

    try:
        answer = compute(
            inspect,
            limits.INSPECT_SECONDS,
            limits.INSPECT_MEGABYTES,
            limits.INSPECT_ANSWER_BYTES,
            limits.INSPECT_WALL_SECONDS,
        )
    except NoAnswerInTime as error:
        next_step = "Publish again: interlock app publish. If it fails again, inform the operator."
        raise Unavailable(f"the bundle could not be inspected: {error}", where="bundle", next_step=next_step) from error
    except OutOfBounds as error:
        what = f"the bundle could not be inspected: {error}"
        return (Finding(code="bundle.too-costly", where="bundle", what=what, fix="Split the app, or make it smaller."),)
    verdict = _Verdict.model_validate(answer)
    return verdict.inspection or _kept(verdict.findings)


def _kept(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The first of many findings, each without what is long in it."""
    size = limits.FINDING_CHARS
    cut = [
        row if len(row.what) <= size else row.model_copy(update={"what": row.what[:size] + "…"})
        for row in findings[: limits.KEPT_FINDINGS]
    ]
    more = len(findings) - len(cut)
    if more:
        what = f"{more} more findings are not shown"
        cut.append(Finding(code="bundle.more", where="bundle", what=what, fix="Correct these, then publish again."))
    return tuple(cut)


def _inspect(bundle: Bundle) -> _Verdict:
    plan = plan_version(bundle)
    if isinstance(plan, tuple):
        return _Verdict(findings=plan)
    changelog = plan.manifest.listing.changelog
    inspection = Inspection(
        plan=plan,
        places=places(bundle, plan.manifest),
        sbom=bill_of(bundle, plan.manifest),
        tests=golden_tests(bundle, plan.manifest),
        changelog=bundle.text(changelog) if changelog else "",
        template=version_template(plan),
    )
    return _Verdict(inspection=inspection)

"""The steps of the workflow `tag`: list the columns, classify them, write the tags."""

from typing import Any

from interlock import Asset, AssetWrite, Context, step
from interlock_compliance.models import Column, Columns, Finding, Findings, Tagged, Target
from interlock_compliance.rules import NUMBER_TYPES, kinds_of

TAG = "pii"


def _own(tag: str) -> bool:
    return tag == TAG or tag.startswith(f"{TAG}:")


def _column(asset: Asset) -> Column:
    attributes: dict[str, Any] = asset.attributes
    data_type = str(attributes.get("data_type", ""))
    key = bool(attributes.get("primary_key") or attributes.get("foreign_key"))
    return Column(
        qualified_name=asset.qualified_name,
        name=asset.name,
        table=asset.qualified_name.split("/")[-2] if "/" in asset.qualified_name else "",
        data_type=data_type,
        # A generated number says nothing by its name; a text key (an email, say) does.
        identifier=key and any(word in data_type.upper() for word in NUMBER_TYPES),
        profile=attributes.get("profile") or {},
        tags=[tag for tag in asset.tags if _own(tag)],
    )


@step
def list_columns(target: Target, ctx: Context) -> Columns:
    """The asset itself where it is a column, or the columns of the table; none where it is gone since the event."""
    asset = ctx.catalog.get(target.qualified_name)
    if asset is None:
        return Columns(target=target.qualified_name, columns=[])
    if asset.type == "column":
        return Columns(target=target.qualified_name, columns=[_column(asset)])
    assets = ctx.catalog.search(type="column", prefix=f"{target.qualified_name}/")
    return Columns(target=target.qualified_name, columns=[_column(column) for column in assets])


@step
def classify(listed: Columns, ctx: Context) -> Findings:
    """Find personal data; the same columns always give the same findings."""
    min_share = float(ctx.config.get("min_share", 0.5))
    findings: list[Finding] = []
    for column in listed.columns:
        kinds = kinds_of(
            column.name,
            column.table,
            column.data_type,
            column.profile,
            identifier=column.identifier,
            min_share=min_share,
        )
        if kinds or column.tags:
            findings.append(Finding(qualified_name=column.qualified_name, kinds=list(kinds), tags=column.tags))
    return Findings(target=listed.target, findings=findings)


@step
def write_tags(findings: Findings, ctx: Context) -> Tagged:
    """Add what was found, take away own tags that no longer hold, and say so where something is new."""
    writes: list[AssetWrite] = []
    detected: list[str] = []
    for finding in findings.findings:
        wanted = {TAG, *(f"{TAG}:{kind}" for kind in finding.kinds)} if finding.kinds else set[str]()
        new, stale = wanted - set(finding.tags), set(finding.tags) - wanted
        if new or stale:
            writes.append(
                AssetWrite(
                    qualified_name=finding.qualified_name,
                    add_tags=tuple(sorted(new)),
                    remove_tags=tuple(sorted(stale)),
                )
            )
        if new:
            detected.append(finding.qualified_name)
    changes = ctx.catalog.upsert(writes)
    if detected:
        ctx.emit("pii.detected", {"asset": findings.target, "columns": detected[:100], "count": len(detected)})
    return Tagged(
        target=findings.target,
        columns=len(findings.findings),
        personal=sum(bool(finding.kinds) for finding in findings.findings),
        changed=sum(change.outcome != "unchanged" for change in changes),
        detected=detected,
    )

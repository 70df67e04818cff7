"""One app of each kind of the corpus, end to end; `scripts/corpus` does all of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from interlock.cli.terminal.profiles import FILE, Profiles
from interlock.local.platform import Platform
from scripts.scoring.apps import KINDS, load_apps
from scripts.scoring.checks import Score, Stage, score
from tests.support.kit import kit_of

SAMPLE = (
    "lineage-depth",
    "crawl-owners",
    "warehouse-lock",
    "publish-everywhere",
    "paged-index",
    "threshold-variable",
    "big-lineage",
    "poll-export",
    "archive-branch",
    "webhook-signature",
    "crawler-v2",
    "task-group",
    "native-reader",
    "match-object",
    "freshness-sla",
    "mixed-batch",
    "severity-order",
    "mail-template",
    "grade-card",
    "cache-poison",
)
AT_ONCE = 4


@pytest.fixture(scope="module")
def scores(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Score]:
    """What became of each app of the sample."""
    home: Path = tmp_path_factory.mktemp("corpus")
    with kit_of(platform) as kit:
        client = kit.tenants[kit.tenant]
        profile = client.profile.model_copy(update={"name": kit.tenant})
        (home / FILE).write_text(Profiles(profiles={profile.name: profile}).model_dump_json())
        stage = Stage(home=home, publisher=kit.publisher, client=client, tenant=kit.tenant)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            scored = [pool.submit(score, stage, app) for app in load_apps(SAMPLE)]
            return {row.result().name: row.result() for row in scored}


def test_the_sample_has_every_kind() -> None:
    assert sorted(app.label.kind for app in load_apps(SAMPLE)) == sorted(KINDS)


@pytest.mark.parametrize("name", SAMPLE)
def test_explain_debug_fork_verify_and_diff(scores: dict[str, Score], name: str) -> None:
    assert scores[name].misses == {}

"""The console's page, put where its distribution reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interlock.aws.clients import client
from interlock.contract.core.failure import BadRequest
from interlock.contract.page import PageConfig
from interlock.control.deployment.publish_page import FOREVER, FRESH, PagePlace, publish_page
from tests.support.cloud import Cloud

BUCKET = "interlock-console-test"


@pytest.fixture
def place(cloud: Cloud) -> PagePlace:
    """A bucket, and a distribution that keeps files of it."""
    client("s3").create_bucket(Bucket=BUCKET)
    origin = {"Id": "o", "DomainName": f"{BUCKET}.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    answer = client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
        }
    )
    identity = answer["Distribution"]["Id"]
    return PagePlace(BUCKET, identity, "client-1", "https://pool.example", "https://d1.cloudfront.net")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A built page."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<html>")
    (folder / "stamp").write_text("digest")
    (folder / "assets" / "index-abc.js").write_text("1")
    return folder


def test_files_of_a_page_keep_their_kind_and_age(place: PagePlace, page: Path) -> None:
    published = publish_page(place, page)
    heads = {key: client("s3").head_object(Bucket=BUCKET, Key=key) for key in ("index.html", "assets/index-abc.js")}
    assert published.files == 3
    assert heads["index.html"]["CacheControl"] == FRESH
    assert heads["index.html"]["ContentType"] == "text/html"
    assert heads["assets/index-abc.js"]["CacheControl"] == FOREVER
    assert heads["assets/index-abc.js"]["ContentType"] == "text/javascript"
    keys = {row["Key"] for row in client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert keys == {"index.html", "config.json", "assets/index-abc.js"}


def test_a_page_is_told_where_to_sign_in(place: PagePlace, page: Path) -> None:
    publish_page(place, page)
    body = client("s3").get_object(Bucket=BUCKET, Key="config.json")["Body"].read()
    config = PageConfig.model_validate_json(body)
    assert config.authorize_url == "https://pool.example/oauth2/authorize"
    assert (config.client_id, config.scope) == ("client-1", "openid interlock/api")
    assert "secret" not in json.dumps(json.loads(body))


def test_a_distribution_forgets_the_old_index(place: PagePlace, page: Path) -> None:
    publish_page(place, page)
    answer = client("cloudfront").list_invalidations(DistributionId=place.distribution)
    (row,) = answer["InvalidationList"]["Items"]
    whole = client("cloudfront").get_invalidation(DistributionId=place.distribution, Id=row["Id"])
    assert "/index.html" in whole["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]


def test_a_site_is_beside_the_page(place: PagePlace, page: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "tutorial").mkdir(parents=True)
    (site / "index.html").write_text("<html>")
    (site / "tutorial" / "index.html").write_text("<html>")
    publish_page(place, page, site)
    keys = {row["Key"] for row in client("s3").list_objects_v2(Bucket=BUCKET, Prefix="docs/")["Contents"]}
    assert keys == {"docs/index.html", "docs/tutorial/index.html"}


def test_a_folder_that_is_no_page_uploads_nothing(place: PagePlace, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="holds no index.html"):
        publish_page(place, tmp_path)
    assert "Contents" not in client("s3").list_objects_v2(Bucket=BUCKET)

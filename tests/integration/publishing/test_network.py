"""Publishing opens the network of steps to what a version declares: through the calls of AWS, answered as AWS does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from interlock.aws.clients import client
from interlock.contract.core import limits
from interlock.contract.core.failure import Conflict
from interlock.contract.core.settings import PublishSettings
from interlock.control.publishing.network import check_network, hosts_of, open_network
from tests.support.cloud import Cloud

EGRESS = ("api.example.com:443", "*.example.org:443", "api.example.com:8443")


class Lists:
    """Both lists, as AWS keeps them: each change needs the token of the state that it was read in."""

    def __init__(self) -> None:
        self.names = ["interlock.invalid."]
        self.targets = ["interlock.invalid"]
        self.token = 0
        self.writes: list[str] = []
        self.others = 0
        """How often somebody else changes a list between our reading and writing it."""

    def list_firewall_domains(self, _: Any) -> Any:
        return {"Domains": [*self.names]}

    def update_firewall_domains(self, body: Any) -> Any:
        assert body["Operation"] == "ADD"
        self.writes.append("names")
        if self._taken():
            return _refusal("ConflictException")
        self.names += [f"{name}." for name in body["Domains"]]
        return {"Id": "l", "Status": "UPDATING"}

    def describe_rule_group(self, _: Any) -> Any:
        source = {"Targets": [*self.targets], "TargetTypes": ["TLS_SNI"], "GeneratedRulesType": "ALLOWLIST"}
        return {"UpdateToken": str(self.token), "RuleGroup": {"RulesSource": {"RulesSourceList": source}}}

    def update_rule_group(self, body: Any) -> Any:
        self.writes.append("targets")
        if self._taken() or body["UpdateToken"] != str(self.token):
            self.token += 1
            return _refusal("InvalidTokenException")
        self.targets = body["RuleGroup"]["RulesSource"]["RulesSourceList"]["Targets"]
        return {"UpdateToken": "next"}

    def _taken(self) -> bool:
        self.others -= 1
        return self.others >= 0


def _refusal(code: str) -> Any:
    return {"Error": {"Code": code, "Message": "changed"}}


CALLS = (
    ("route53resolver", "ListFirewallDomains"),
    ("route53resolver", "UpdateFirewallDomains"),
    ("network-firewall", "DescribeRuleGroup"),
    ("network-firewall", "UpdateRuleGroup"),
)


@pytest.fixture
def lists(cloud: Cloud) -> Iterator[Lists]:
    result = Lists()
    hooks: list[tuple[Any, str, Any]] = []
    for service, operation in CALLS:
        method = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in operation).lstrip("_")

        def answer(params: Any, method: str = method, **_: Any) -> tuple[AWSResponse, Any]:
            parsed = getattr(result, method)(json.loads(params["body"]))
            return AWSResponse("", 400 if "Error" in parsed else 200, HTTPHeaders(), None), parsed

        events = client(service).meta.events
        name = f"before-call.{service}.{operation}"
        events.register(name, answer)
        hooks.append((events, name, answer))
    yield result
    for events, name, answer in hooks:
        events.unregister(name, answer)


@pytest.fixture
def settings() -> PublishSettings:
    required = (name for name, field in PublishSettings.model_fields.items() if field.is_required())
    network = {"subnets": "a,b", "security_group": "g", "domain_list": "l", "rule_group": "arn:rules"}
    return PublishSettings.model_validate(dict.fromkeys(required, "x") | network)


def test_hosts_are_opened_once_in_the_form_of_each_list(lists: Lists, settings: PublishSettings) -> None:
    open_network(EGRESS, settings)
    assert lists.names == ["interlock.invalid.", "*.example.org.", "api.example.com."]
    assert lists.targets == ["interlock.invalid", ".example.org", "api.example.com"]
    open_network(EGRESS, settings)
    assert lists.writes == ["names", "targets"], "what is open already is not written again"


def test_two_publications_at_once_lose_no_host(lists: Lists, settings: PublishSettings) -> None:
    lists.others = 2
    open_network(EGRESS, settings)
    assert "api.example.com." in lists.names and "api.example.com" in lists.targets
    assert len(lists.writes) == 4


def test_a_list_that_is_full_says_so(lists: Lists, settings: PublishSettings) -> None:
    lists.names += [f"h{number}.example." for number in range(limits.NETWORK_HOSTS)]
    with pytest.raises(Conflict) as refused:
        open_network(EGRESS, settings)
    assert refused.value.code == "network-full" and lists.writes == []


def test_without_a_network_nothing_is_called(lists: Lists, settings: PublishSettings) -> None:
    off = settings.model_copy(update={"domain_list": "", "rule_group": ""})
    open_network(EGRESS, off)
    open_network((), settings)
    assert (lists.writes, check_network(("*:443",), is_on=False)) == ([], ())


def test_an_app_that_declares_every_host_is_refused() -> None:
    (finding,) = check_network(("*:443", "api.example.com:443"), is_on=True)
    assert finding.code == "publish.network" and "every host" in finding.what
    assert check_network(("*.example.com:443",), is_on=True) == ()
    assert hosts_of(EGRESS) == ("*.example.org", "api.example.com")

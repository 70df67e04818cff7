"""Every dialog and menu of the console: where it opens, and by what; and those that its source has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from playwright.sync_api import Page, Route

from tests.support.cli import ROOT
from tests.support.console_pages import PUBLISHER, TENANT, World

SOURCE = ROOT / "console" / "src"
OPENS = re.compile(r"<(Dialog|Confirm|ActionMenu)\b")
COMPONENT = re.compile(r"^(?:export )?(?:default )?function (\w+)", re.MULTILINE)
OWN = frozenset({"ui/controls.tsx"})
"""What dialogs are made of."""
Step = Callable[[Page], object]
REVIEW: dict[str, Any] = {
    "id": "r" * 20,
    "scope": "platform",
    "question": "May paper/orders@1.2.0 be listed?",
    "subject": "paper/orders@1.2.0",
    "run": "",
    "status": "waiting",
    "approvers": ["operator"],
    "escalate_to": [],
    "escalated": False,
    "asked": "2026-11-27T09:00:00.000Z",
    "deadline": "2036-11-27T09:00:00.000Z",
    "data": {"permissions": ["catalog:write"]},
    "by": "",
    "comment": "",
}


@dataclass(frozen=True)
class Opening:
    """One dialog or menu."""

    component: str
    """Whose it is: the file below console/src, and the function."""
    title: str
    """Its name; of a menu that of its button."""
    path: str
    steps: tuple[Step, ...]
    profile: str = TENANT
    menu: bool = False
    answers: tuple[Step, ...] = ()
    """What the API answers instead, where it takes long to come so far; the page is loaded anew."""

    @property
    def name(self) -> str:
        """The name of its screenshot."""
        return re.sub(r"\W+", "-", f"{self.component.rpartition(':')[2]} {self.title}").strip("-").lower()[:60]


def components() -> Counter[str]:
    """How many dialogs and menus each component of the source opens."""
    result: Counter[str] = Counter()
    for path in sorted(SOURCE.rglob("*.tsx")):
        name, text = path.relative_to(SOURCE).as_posix(), path.read_text()
        if name in OWN:
            continue
        for opening in OPENS.finditer(text):
            result[f"{name}:{COMPONENT.findall(text[: opening.start()])[-1]}"] += 1
    return result


def button(name: str | re.Pattern[str]) -> Step:
    """Press a button by its name."""
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def item(name: str | re.Pattern[str]) -> Step:
    """Choose an entry of a menu."""
    return lambda page: page.get_by_role("menuitem", name=name).click()


def tab(name: str) -> Step:
    """Choose a tab."""
    return lambda page: page.get_by_role("tab", name=name).click()


def check(label: str) -> Step:
    """Tick a box."""
    return lambda page: page.get_by_label(label).check()


def write(label: str, text: str) -> Step:
    """Fill a field."""
    return lambda page: page.get_by_label(label, exact=True).fill(text)


def node(state: str) -> Step:
    """Choose a state of the graph."""
    return lambda page: page.locator(f".react-flow__node[data-id='{state}']").click()


def answered(pattern: str, change: Callable[[Any], Any]) -> Step:
    """Change what the API answers, where it takes long to come so far."""

    def take(route: Route) -> None:
        if route.request.method != "GET":
            return route.fulfill(json=change({}))
        headers = {name: value for name, value in route.request.headers.items() if name != "if-none-match"}
        answer = route.fetch(headers=headers)
        return route.fulfill(json=change(answer.json() if answer.ok else {}))

    return lambda page: page.route(re.compile(f"/v1/.*{pattern}"), take)


def openings(world: World) -> list[Opening]:
    """All of them."""
    tenant, publisher = f"/t/{TENANT}", f"/p/{PUBLISHER}"
    run, going = f"{tenant}/runs/{world.failed}?tab=graph", f"{tenant}/runs/{world.paused}?tab=graph"
    install, app = f"{tenant}/installs/{world.install}", f"{publisher}/apps/orders"
    more = (button("More actions on the install"),)
    old = answered(f"/installs/{world.install}$", lambda body: body | {"previous": "0.9.0"})
    gone = answered(f"/installs/{world.install}$", lambda body: body | {"status": "removed"})
    hook = f"{tenant}/webhooks/{world.webhook}"
    view = f"{tenant}/views/{world.install}/orders"
    return [
        *_menus(run, install, app),
        Opening("runs/start.tsx:StartRun", "Start a run", f"{tenant}/runs", (button("Start a run"),)),
        Opening("runs/actions.tsx:StopDialog", "Stop this run?", going, (button("Stop"),)),
        Opening(
            "runs/actions.tsx:AgainDialog",
            "Start a new run with the same input?",
            run,
            (button("More actions on the run"), item("Start again with the same input")),
        ),
        Opening(
            "runs/fork.tsx:ForkDialog",
            "Fork the run",
            run,
            (node("book"), button("Fork from here"), check("Edit the input of book"), _editor),
        ),
        Opening(
            "runs/breakpoints.tsx:BreakpointForm",
            "Add a breakpoint to this run",
            going,
            (button("Add breakpoint"),),
        ),
        Opening(
            "runs/breakpoints.tsx:BreakpointForm",
            "Add a breakpoint to this run",
            going,
            (
                node("book"),
                lambda page: page.get_by_role("region", name="State book").get_by_role("button").first.click(),
            ),
        ),
        Opening(
            "runs/breakpoints.tsx:BreakpointForm",
            "Add a breakpoint to every run of the install",
            install,
            (tab("Breakpoints"), button("Add a breakpoint on every run")),
        ),
        Opening("pauses/pause.tsx:PauseDialog", "Paused before check", going, (button("Look and decide"), _editor)),
        Opening(
            "pauses/pause.tsx:PauseDialog",
            "Paused before check",
            going,
            (button("Look and decide"), _refresh),
            answers=(answered(f"/runs/{world.paused}/pauses$", _decided_soon()),),
        ),
        Opening(
            "apps/install-dialog.tsx:InstallDialog",
            f"Install {PUBLISHER}/orders",
            f"{tenant}/apps/{PUBLISHER}/orders",
            (button("Install"),),
        ),
        Opening("apps/upgrade.tsx:UpgradeDialog", "Upgrade orders from 1.0.0", install, (button("Upgrade"),)),
        Opening(
            "apps/preflight.tsx:PreflightDialog",
            "Test of orders",
            install,
            (button("Test it"),),
            answers=(answered("/runs$", lambda _: {"run": world.succeeded, "workflow": "preflight"}),),
        ),
        Opening(
            "apps/install-changes.tsx:SettingsDialog",
            "Config and secrets of orders",
            install,
            (*more, item("Change config or secrets")),
        ),
        Opening(
            "apps/install-changes.tsx:EndDialog",
            "Roll back to 0.9.0?",
            install,
            (*more, item("Roll back")),
            answers=(old,),
        ),
        Opening("apps/install-changes.tsx:EndDialog", "Uninstall it?", install, (*more, item("Uninstall"))),
        Opening("apps/install-changes.tsx:EndDialog", "Switch it off?", install, (*more, item("Switch off"))),
        Opening(
            "apps/install-changes.tsx:EndDialog",
            "Install it again with its data?",
            install,
            (*more, item("Install again")),
            answers=(gone,),
        ),
        Opening("tenant/events.tsx:SendEvent", "Send an event", f"{tenant}/events", (button("Send an event"), _editor)),
        Opening("tenant/events.tsx:OneEvent", "order.placed", f"{tenant}/events", (button("order.placed"),)),
        Opening("tenant/dead-letters.tsx:LetterDialog", "Dead letter", f"{tenant}/dead", (_first_letter,)),
        Opening(
            "tenant/dead-letters.tsx:RedriveAll",
            "Redrive every dead letter?",
            f"{tenant}/dead",
            (button("Redrive all…"),),
        ),
        Opening("tenant/webhooks.tsx:AddWebhook", "Add a webhook", f"{tenant}/webhooks", (button("Add a webhook"),)),
        Opening("tenant/webhooks.tsx:WebhookView", "Delete this webhook?", hook, (button("Delete"),)),
        Opening("tenant/webhooks.tsx:WebhookView", "Rotate the secret?", hook, (button("Rotate the secret"),)),
        Opening(
            "tenant/webhooks.tsx:NewSecret",
            "The webhook's secret",
            hook,
            (button("Rotate the secret"), button("Rotate")),
            answers=(answered("/rotate$", lambda _: {"secret": "whsec_shown-once"}),),
        ),
        Opening("ui/members.tsx:AddMember", "Add a member", f"{tenant}/members", (button("Add a member"),)),
        Opening("ui/members.tsx:MemberTable", "Remove ", f"{tenant}/members", (button("Remove"),)),
        Opening("views/view.tsx:OpenLink", "Leave for example.com?", view, (_link,)),
        Opening("views/view.tsx:StartTool", "Start ", view, (button("Order"),)),
        Opening(
            "views/view.tsx:StartTool",
            "The tool has started",
            view,
            (button("Order"), button("Start")),
            answers=(answered("/tools/", lambda _: {"run": world.succeeded}),),
        ),
        Opening("publishing/app.tsx:KillSwitch", "Kill switch of orders", app, (button("Kill switch"),), PUBLISHER),
        *(
            Opening(
                f"publishing/{'app.tsx:KillSwitch' if entry == 'Kill switch' else 'version.tsx:Withdraw'}",
                title,
                f"{app}/versions/1.0.0",
                (button("More actions on the version"), item(entry)),
                PUBLISHER,
            )
            for entry, title in (
                ("Deprecate", "Deprecate this version?"),
                ("Yank", "Yank this version?"),
                ("Kill switch", "Kill switch of orders@1.0.0"),
            )
        ),
        Opening(
            "operator/approvals.tsx:ReviewDialog",
            "Review",
            "/operator/approvals",
            (button(REVIEW["question"]),),
            "operator",
            answers=(
                answered(r"approvals\?", lambda _: {"approvals": [REVIEW]}),
                answered("approvals/r+$", lambda _: REVIEW),
            ),
        ),
    ]


def _menus(run: str, install: str, app: str) -> list[Opening]:
    rows = [
        ("frame.tsx:Switcher", re.compile("^You are in"), f"/t/{TENANT}/runs", TENANT),
        ("frame.tsx:ReaderMenu", re.compile("theme, time zone, sign out$"), f"/t/{TENANT}/runs", TENANT),
        ("runs/list.tsx:Views", "Views", f"/t/{TENANT}/runs?status=failed", TENANT),
        ("runs/actions.tsx:RunActions", "More actions on the run", run, TENANT),
        ("apps/install.tsx:InstallView", "More actions on the install", install, TENANT),
        ("publishing/version.tsx:VersionView", "More actions on the version", f"{app}/versions/1.0.0", PUBLISHER),
    ]
    return [
        Opening(component, component.partition(":")[2], path, (button(name),), profile, menu=True)
        for component, name, path, profile in rows
    ]


def _editor(page: Page) -> None:
    page.get_by_role("dialog").locator(".editor").wait_for()


def _link(page: Page) -> None:
    page.get_by_role("link", name="Read more (example.com)").click()


def _first_letter(page: Page) -> None:
    page.get_by_role("table", name="Dead letters").get_by_role("button").first.click()


def _refresh(page: Page) -> None:
    page.get_by_role("dialog").get_by_text("It is decided already.").wait_for()


def _decided_soon() -> Callable[[Any], Any]:
    """The pauses as they are when they are read first; then somebody else has decided them."""
    reads = count(1)

    def change(body: Any) -> Any:
        if next(reads) > 1:
            for pause in body["pauses"]:
                pause |= {"status": "decided", "decision": {"action": "go", "by": "x", "name": "ann"}}
        return body

    return change

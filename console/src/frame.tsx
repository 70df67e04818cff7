// What is around every page: who is signed in, where one is, and the sections.
import { type ReactNode, Suspense, useEffect, useState } from "react";
import {
  Link,
  Navigate,
  Outlet,
  useLocation,
  useMatch,
  useNavigate,
  useNavigation,
  useRouteError,
} from "react-router";
import { forgetAnswers, Problem } from "./api/client";
import { useOpenPauses } from "./pauses/queries";
import { CallerProvider, idsOf, isOperator, useCaller, useCan } from "./session/caller";
import { signOut } from "./session/session";
import { ActionMenu } from "./ui/controls";
import { Icon } from "./ui/icon";
import { LOCAL_ZONE, usePreferences } from "./ui/preferences";
import { Boundary, Empty, Loading, Notice, ProblemNotice } from "./ui/states";

const TENANT_SECTIONS: [string, [string, string, string][]][] = [
  [
    "Runs",
    [
      ["runs", "Runs", "readRuns"],
      ["failures", "Failures", "readRuns"],
      ["query", "Query", "readRuns"],
      ["inbox", "Inbox", "readRuns"],
      ["bulk", "Bulk forks", "debugRuns"],
      ["verify", "Verify", "debugRuns"],
    ],
  ],
  [
    "Apps",
    [
      ["apps", "Marketplace", "readInstalls"],
      ["installs", "Installs", "readInstalls"],
      ["views", "Pages", "readInstalls"],
    ],
  ],
  [
    "Data",
    [
      ["catalog", "Catalog", "readCatalog"],
      ["events", "Events", "readEvents"],
      ["dead", "Dead letters", "readEvents"],
      ["schedules", "Schedules", "readEvents"],
      ["webhooks", "Webhooks", "readWebhooks"],
    ],
  ],
  [
    "Tenant",
    [
      ["members", "Members", "readMembers"],
      ["usage", "Usage", "readUsage"],
      ["audit", "Audit", "readAudit"],
      ["settings", "Settings", "readTenant"],
    ],
  ],
];
const PUBLISHER_SECTIONS: [string, string, string][] = [
  ["", "Apps", "readVersions"],
  ["support", "Support sessions", "readSupport"],
  ["members", "Members", "readMembers"],
  ["audit", "Audit", "readAudit"],
];
const OPERATOR_SECTIONS: [string, string][] = [
  ["", "Overview"],
  ["approvals", "Reviews"],
  ["dead", "Dead letters"],
  ["audit", "Audit"],
];

export function Frame() {
  return (
    <CallerProvider>
      <Inside />
    </CallerProvider>
  );
}

function Inside() {
  const [menu, setMenu] = useState(false);
  const { pathname } = useLocation();
  const moving = useNavigation().state === "loading";
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the menu
  useEffect(() => setMenu(false), [pathname]);
  return (
    <div className="frame" data-menu={menu ? "open" : "closed"}>
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <header className="bar">
        <button
          type="button"
          className="button plain menu-button"
          aria-expanded={menu}
          onClick={() => setMenu(!menu)}
        >
          <Icon name="menu" />
          <span className="unseen">Menu</span>
        </button>
        <Link to="/" className="brand">
          <img src="/icon.svg" alt="" /> Interlock
        </Link>
        <Switcher />
        <span className="grow" />
        <ReaderMenu />
      </header>
      <nav className="side" aria-label="Sections">
        <Sections />
      </nav>
      <main className="page" id="page" tabIndex={-1} aria-busy={moving}>
        <Boundary key={pathname}>
          <Suspense fallback={<Loading />}>
            <Allowed>
              <Outlet />
            </Allowed>
          </Suspense>
        </Boundary>
      </main>
    </div>
  );
}

/** Pages that belong to a section of another name. */
const PARTS: Record<string, string> = {
  "t/approvals": "inbox",
  "t/asset": "catalog",
  "t/diff": "runs",
  "p/apps": "",
};

/** The section that the page belongs to; undefined outside of a tenant, a publisher and the deployment. */
function useSection(): string | undefined {
  const [, kind = "", id = "", path = ""] = useLocation().pathname.split("/");
  if (kind === "operator") return id;
  return kind === "t" || kind === "p" ? (PARTS[`${kind}/${path}`] ?? path) : undefined;
}

function SectionLink({ section, to, children }: { section: string; to: string; children: ReactNode }) {
  const current = useSection() === section;
  return (
    <Link to={to} aria-current={current ? "page" : undefined}>
      {children}
    </Link>
  );
}

/** A section that the caller's role does not have says so, and reads nothing. */
function Allowed({ children }: { children: ReactNode }) {
  const [, kind = "", id = "", path = ""] = useLocation().pathname.split("/");
  const scope = kind === "t" ? `tenant/${id}` : `publisher/${id}`;
  const can = useCan(scope);
  const caller = useCaller();
  if (kind === "operator" && !isOperator(caller))
    return <NotAllowed title="The deployment" why="Only operators see the deployment." />;
  const sections = kind === "t" ? TENANT_SECTIONS.flatMap(([, all]) => all) : PUBLISHER_SECTIONS;
  const section = sections.find(([one]) => one === (PARTS[`${kind}/${path}`] ?? path));
  if ((kind !== "t" && kind !== "p") || section === undefined || can(section[2])) return children;
  const role = caller.memberships.find((one) => one.scope === scope)?.role;
  const what = kind === "t" ? "tenant" : "publisher";
  if (role)
    return (
      <NotAllowed
        title={section[1]}
        why={`Your role in the ${what} ${id} is ${role}, and this page needs one that may ${section[2]}.`}
      />
    );
  // A publisher reads runs of its app in a support session, of which the API knows.
  if (section[2] === "readRuns") return children;
  return <NotAllowed title={section[1]} why={`You are not a member of the ${what} ${id}.`} />;
}

function NotAllowed({ title, why }: { title: string; why: string }) {
  const others = places(useCaller());
  return (
    <div className="stack">
      <h1>{title}</h1>
      <Notice kind="warn" role="alert">
        <strong>You are not allowed to see or do this.</strong>
        <div className="muted small">{why} Ask an admin for a role that allows it.</div>
      </Notice>
      {others.length > 0 && (
        <p>
          You may go to{" "}
          {others.map((one, index) => (
            <span key={one.id}>
              {index > 0 && ", "}
              <Link to={one.to}>
                {one.hint === "operator" ? "the deployment" : `the ${one.hint} ${one.label}`}
              </Link>
            </span>
          ))}
          .
        </p>
      )}
    </div>
  );
}

function Sections() {
  const tenant = useMatch("/t/:tenant/*")?.params.tenant;
  const publisher = useMatch("/p/:publisher/*")?.params.publisher;
  const operator = useMatch("/operator/*");
  const caller = useCaller();
  if (tenant) return <TenantSections tenant={tenant} />;
  if (publisher) return <PublisherSections publisher={publisher} />;
  if (operator && isOperator(caller))
    return OPERATOR_SECTIONS.map(([path, title]) => (
      <SectionLink key={path} section={path} to={path ? `/operator/${path}` : "/operator"}>
        {title}
      </SectionLink>
    ));
  return null;
}

function TenantSections({ tenant }: { tenant: string }) {
  const can = useCan(`tenant/${tenant}`);
  const open = useOpenPauses(tenant, can("readRuns"));
  return TENANT_SECTIONS.map(([title, sections]) => {
    const shown = sections.filter(([, , action]) => can(action));
    if (shown.length === 0) return null;
    return (
      <div key={title}>
        <h2>{title}</h2>
        {shown.map(([path, name]) => (
          <SectionLink key={path} section={path} to={`/t/${tenant}/${path}`}>
            {name}
            {path === "inbox" && open > 0 && <span className="chip warn">{open}</span>}
          </SectionLink>
        ))}
      </div>
    );
  });
}

function PublisherSections({ publisher }: { publisher: string }) {
  const can = useCan(`publisher/${publisher}`);
  return PUBLISHER_SECTIONS.filter(([, , action]) => can(action)).map(([path, title]) => (
    <SectionLink key={path} section={path} to={path ? `/p/${publisher}/${path}` : `/p/${publisher}`}>
      {title}
    </SectionLink>
  ));
}

/** Where the caller may go: its tenants, its publishers, and the deployment for operators. */
function places(
  caller: ReturnType<typeof useCaller>,
): { id: string; label: string; to: string; hint: string }[] {
  return [
    ...idsOf(caller, "tenant").map((id) => ({
      id: `t/${id}`,
      label: id,
      to: `/t/${id}/runs`,
      hint: "tenant",
    })),
    ...idsOf(caller, "publisher").map((id) => ({
      id: `p/${id}`,
      label: id,
      to: `/p/${id}`,
      hint: "publisher",
    })),
    ...(isOperator(caller)
      ? [{ id: "operator", label: "Deployment", to: "/operator", hint: "operator" }]
      : []),
  ];
}

function Switcher() {
  const caller = useCaller();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const all = places(caller);
  const [, kind, id] = pathname.split("/");
  const here = kind === "operator" ? "Deployment" : id && (kind === "t" || kind === "p") ? id : "Choose";
  return (
    <ActionMenu
      kind="plain"
      label={here}
      name={`You are in ${here}: go to another tenant or publisher`}
      entries={all.map((one) => ({
        id: one.id,
        label: one.label,
        hint: one.hint,
        onAction: () => void navigate(one.to),
      }))}
    />
  );
}

function ReaderMenu() {
  const { theme, setTheme, zone, setZone } = usePreferences();
  const caller = useCaller();
  const zones = [...new Set([LOCAL_ZONE, "UTC"])];
  const chosen = (on: boolean) => (on ? "chosen" : undefined);
  const reader = caller.memberships[0]?.name || caller.principal;
  return (
    <ActionMenu
      kind="plain"
      label={<span className="cut reader">{reader}</span>}
      name={`${reader}: theme, time zone, sign out`}
      entries={[
        ...(["system", "light", "dark"] as const).map((one) => ({
          id: one,
          label: `Theme: ${one}`,
          hint: chosen(one === theme),
          onAction: () => setTheme(one),
        })),
        ...zones.map((one) => ({
          id: one,
          label: `Times in ${one}`,
          hint: chosen(one === zone),
          onAction: () => setZone(one),
        })),
        {
          id: "out",
          label: "Sign out",
          onAction: () => {
            forgetAnswers();
            void signOut();
          },
        },
      ]}
    />
  );
}

/** The first place that the caller may go to. */
export function Home() {
  const first = places(useCaller())[0];
  if (first) return <Navigate to={first.to} replace />;
  return (
    <Empty title="You are no member of a tenant or a publisher">
      <p>Ask an admin to invite you: interlock tenant member invite</p>
    </Empty>
  );
}

/** A page whose code or data could not be loaded, for example while the network was away. */
export function Broken() {
  const error = useRouteError();
  return (
    <div className="stack">
      <h1>This page could not be loaded</h1>
      <ProblemNotice
        problem={
          new Problem(
            0,
            "page-not-loaded",
            error instanceof Error ? error.message : "A part of the page is absent.",
            window.location.pathname,
            "Look whether this browser is online, then try again.",
          )
        }
        retry={() => window.location.reload()}
      />
    </div>
  );
}

export function NotHere() {
  return (
    <Empty title="There is no such page">
      <p>
        <Link to="/">Go to the beginning</Link>
      </p>
    </Empty>
  );
}

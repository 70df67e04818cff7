// One install: its version, its config and secrets, its preflight, its breakpoints, and how it ends.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { POLL } from "../api/poll";
import { BreakpointTable } from "../runs/breakpoints";
import { useChange } from "../runs/queries";
import { StartRun } from "../runs/start";
import { Status } from "../runs/status";
import { useCan, useTenant } from "../session/caller";
import { Action, ActionMenu, TabSet } from "../ui/controls";
import { Figure } from "../ui/figure";
import { Time } from "../ui/format";
import { Json } from "../ui/json";
import { Empty, Notice, Shown } from "../ui/states";
import { AppViews } from "../views/views";
import { BreakDialog, EndDialog, SettingsDialog } from "./install-changes";
import { PreflightDialog } from "./preflight";
import { UpgradeDialog } from "./upgrade";

type Install = Schemas["Install"];
type Open =
  | "upgrade"
  | "rollback"
  | "remove"
  | "recover"
  | "switch"
  | "preflight"
  | "start"
  | "settings"
  | "break"
  | null;

export function useInstall(tenant: string, install: string) {
  return useQuery({
    queryKey: [tenant, "install", install],
    queryFn: () =>
      answer(api.GET("/v1/tenants/{tenant}/installs/{install}", { params: { path: { tenant, install } } })),
    refetchInterval: ({ state }) => (isMoving(state.data) ? POLL.job : POLL.slow),
  });
}

function isMoving(install: Install | undefined): boolean {
  return (
    install !== undefined &&
    (install.status === "installing" || install.status === "removing" || Boolean(install.moving))
  );
}

export function InstallPage() {
  const tenant = useTenant();
  const { install: id = "" } = useParams();
  const query = useInstall(tenant, id);
  return (
    <Shown query={query} title="Install">
      {(install) => <InstallView tenant={tenant} install={install} />}
    </Shown>
  );
}

function InstallView({ tenant, install }: { tenant: string; install: Install }) {
  const can = useCan(`tenant/${tenant}`);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const active = install.status === "active";
  const manage = can("install");
  return (
    <div className="stack">
      <p className="muted small">
        <Link to={`/t/${tenant}/installs`}>Installs</Link> › {install.name}
      </p>
      <div className="row between">
        <div className="row">
          <h1>{install.name}</h1>
          <Status value={install.moving ? "upgrading" : install.status} />
          {install.stopped && <span className="chip bad">switched off</span>}
          {install.full && <span className="chip warn">its storage is full</span>}
        </div>
        <div className="row">
          {active && can("startRuns") && <Action onPress={() => setOpen("start")}>Start a run</Action>}
          {active && can("startRuns") && <Action onPress={() => setOpen("preflight")}>Test it</Action>}
          {active && manage && (
            <Action kind="primary" onPress={() => setOpen("upgrade")}>
              Upgrade
            </Action>
          )}
          {manage && (
            <ActionMenu
              label="More"
              name="More actions on the install"
              entries={[
                {
                  id: "settings",
                  label: "Change config or secrets",
                  onAction: () => setOpen("settings"),
                  disabled: !active,
                },
                {
                  id: "rollback",
                  label: install.previous ? `Roll back to ${install.previous}` : "Roll back",
                  onAction: () => setOpen("rollback"),
                  disabled: !install.previous || !active,
                },
                {
                  id: "switch",
                  label: install.stopped ? "Switch on" : "Switch off",
                  onAction: () => setOpen("switch"),
                },
                { id: "remove", label: "Uninstall", onAction: () => setOpen("remove"), disabled: !active },
                {
                  id: "recover",
                  label: "Install again with its data",
                  onAction: () => setOpen("recover"),
                  disabled: install.status !== "removed",
                },
              ]}
            />
          )}
        </div>
      </div>
      <Notices tenant={tenant} install={install} />
      <dl className="figures">
        <Figure name="App" value={<Link to={`/t/${tenant}/apps/${install.app}`}>{install.app}</Link>} />
        <Figure name="Version" value={`${install.version}, follows ${install.channel}`} />
        <Figure name="Installed" value={<Time at={install.created} />} />
        <Figure
          name="Runs"
          value={<Link to={`/t/${tenant}/runs?install=${install.id}`}>Look at its runs</Link>}
        />
      </dl>
      <AppViews tenant={tenant} where="install" subject={install.id} />
      <TabSet
        label="The install"
        tabs={[
          {
            id: "config",
            title: "Config",
            content: () => <Json value={install.config ?? {}} label="Config" />,
          },
          { id: "permissions", title: "Permissions", content: () => <Permissions install={install} /> },
          {
            id: "breakpoints",
            title: "Breakpoints",
            content: () => (
              <InstallBreakpoints
                tenant={tenant}
                install={install}
                onAdd={can("debugRuns") ? () => setOpen("break") : undefined}
              />
            ),
          },
          {
            id: "parts",
            title: "Triggers and tools",
            content: () => (
              <dl className="pairs">
                <dt>Rules</dt>
                <dd>{install.rules.join(", ") || "none"}</dd>
                <dt>Schedules</dt>
                <dd>{install.schedules.join(", ") || "none"}</dd>
                <dt>Tools</dt>
                <dd>{install.tools.join(", ") || "none"}</dd>
              </dl>
            ),
          },
        ]}
      />
      {open === "start" && <StartRun tenant={tenant} install={install.id} onClose={close} />}
      {open === "preflight" && <PreflightDialog tenant={tenant} install={install} onClose={close} />}
      {open === "upgrade" && <UpgradeDialog tenant={tenant} install={install} onClose={close} />}
      {open === "settings" && <SettingsDialog tenant={tenant} install={install} onClose={close} />}
      {open === "break" && <BreakDialog tenant={tenant} install={install} onClose={close} />}
      {(open === "rollback" || open === "remove" || open === "switch" || open === "recover") && (
        <EndDialog tenant={tenant} install={install} what={open} onClose={close} />
      )}
    </div>
  );
}

function Notices({ tenant, install }: { tenant: string; install: Install }) {
  return (
    <>
      {install.problem && <Notice kind="bad">The last change was taken back: {install.problem}</Notice>}
      {install.stopped && (
        <Notice kind="warn">It is switched off, and no run starts: {install.stopped}</Notice>
      )}
      {install.moving && (
        <Notice>
          {install.moving.kind === "upgrade" ? "It goes" : "It goes back"} to {install.moving.to}, since{" "}
          <Time at={install.moving.since} />
          {install.moving.automatic && ", by itself"}.
        </Notice>
      )}
      {install.offer && (
        <Notice>
          Version {install.offer.version} waits:{" "}
          {install.offer.problem || `it asks for ${install.offer.permissions.join(", ")}`}.
        </Notice>
      )}
      {install.watch && (
        <Notice>
          Since <Time at={install.watch.since} /> its runs are watched: if too many fail before{" "}
          <Time at={install.watch.until} />, it goes back to {install.watch.back}.{" "}
          <Link to={`/t/${tenant}/runs?install=${install.id}&ended_badly=true`}>Failed runs</Link>
        </Notice>
      )}
      {install.removed && (
        <Notice kind="warn">
          It was removed <Time at={install.removed} />. Its data is kept until{" "}
          <Time at={install.delete_after} />.
        </Notice>
      )}
    </>
  );
}

function Permissions({ install }: { install: Install }) {
  if (install.granted.length === 0) return <Empty title="It was granted no permission" />;
  return (
    <ul>
      {install.granted.map((one) => (
        <li key={one}>
          <code>{one}</code>
        </li>
      ))}
    </ul>
  );
}

function InstallBreakpoints(props: { tenant: string; install: Install; onAdd: (() => void) | undefined }) {
  const { tenant, install } = props;
  const path = { tenant, install: install.id };
  const query = useQuery({
    queryKey: [tenant, "install-breakpoints", install.id],
    queryFn: () =>
      answer(api.GET("/v1/tenants/{tenant}/installs/{install}/breakpoints", { params: { path } })),
  });
  const remove = useChange(tenant, (rule: string) =>
    answer(
      api.DELETE("/v1/tenants/{tenant}/installs/{install}/breakpoints/{rule}", {
        params: { path: { ...path, rule } },
      }),
    ),
  );
  return (
    <div className="stack">
      {props.onAdd && (
        <div className="row">
          <Action onPress={props.onAdd}>Add a breakpoint on every run</Action>
        </div>
      )}
      <Shown query={query}>
        {({ breakpoints }) =>
          breakpoints.length === 0 ? (
            <Empty title="No breakpoint is armed on the install" />
          ) : (
            <BreakpointTable
              rows={breakpoints}
              onRemove={props.onAdd ? (rule) => remove.mutate(rule) : undefined}
            />
          )
        }
      </Shown>
    </div>
  );
}

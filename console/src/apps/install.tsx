// One install: its version, its config and secrets, its preflight, its breakpoints, and how it ends.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { POLL } from "../api/poll";
import { BreakpointForm, BreakpointTable } from "../runs/breakpoints";
import { useChange } from "../runs/queries";
import { StartRun, useVersion } from "../runs/start";
import { Status } from "../runs/status";
import { useCan, useTenant } from "../session/caller";
import { Action, ActionMenu, Confirm, Dialog, TabSet, TextField } from "../ui/controls";
import { Time } from "../ui/format";
import { Json } from "../ui/json";
import { Empty, Notice, ProblemNotice, Shown } from "../ui/states";
import { useSay } from "../ui/toasts";
import { AppViews } from "../views/views";
import { PreflightDialog } from "./preflight";
import { type Schema, SchemaForm, type Values } from "./schema-form";
import { UpgradeDialog } from "./upgrade";

type Install = Schemas["Install"];
type Open =
  | "upgrade"
  | "rollback"
  | "remove"
  | "delete-data"
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
  return <Shown query={query}>{(install) => <InstallView tenant={tenant} install={install} />}</Shown>;
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
                  onAction: () => setOpen("delete-data"),
                  disabled: install.status !== "removed",
                },
              ]}
            />
          )}
        </div>
      </div>
      <Notices tenant={tenant} install={install} />
      <dl className="figures">
        <Fact name="App" value={<Link to={`/t/${tenant}/apps/${install.app}`}>{install.app}</Link>} />
        <Fact name="Version" value={`${install.version}, follows ${install.channel}`} />
        <Fact name="Installed" value={<Time at={install.created} />} />
        <Fact
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
      {(open === "rollback" || open === "remove" || open === "switch" || open === "delete-data") && (
        <EndDialog tenant={tenant} install={install} what={open} onClose={close} />
      )}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
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

function BreakDialog({
  tenant,
  install,
  onClose,
}: {
  tenant: string;
  install: Install;
  onClose: () => void;
}) {
  const say = useSay();
  const [state, setState] = useState("*");
  const reach = useQuery({
    queryKey: [tenant, "breakpoint-reach", install.id, state],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/installs/{install}/breakpoints:count", {
          params: { path: { tenant, install: install.id }, query: { state } },
        }),
      ),
    placeholderData: (before) => before,
  });
  const add = useChange(tenant, (body: Schemas["NewBreakpoint"]) =>
    answer(
      api.POST("/v1/tenants/{tenant}/installs/{install}/breakpoints", {
        params: { path: { tenant, install: install.id } },
        body,
      }),
    ),
  );
  const more = reach.data?.more ? " or more" : "";
  const about = reach.data
    ? `It can stop ${reach.data.could_stop}${more} of the ${reach.data.under_way}${more} runs that are under way, and each that starts later.`
    : "It stops runs that are under way, and each that starts later.";
  return (
    <BreakpointForm
      title="Add a breakpoint to every run of the install"
      state="*"
      about={about}
      onState={setState}
      busy={add.isPending}
      error={add.error}
      onClose={onClose}
      onAdd={(draft) =>
        add.mutate(draft, {
          onSuccess: () => {
            say("The breakpoint is armed.");
            onClose();
          },
        })
      }
    />
  );
}

function SettingsDialog({
  tenant,
  install,
  onClose,
}: {
  tenant: string;
  install: Install;
  onClose: () => void;
}) {
  const say = useSay();
  const version = useVersion(install.app, install.version);
  const schema = (version.data?.config_schema ?? null) as Schema | null;
  const [values, setValues] = useState<Values>(install.config ?? {});
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const change = useChange(tenant, () =>
    answer(
      api.PUT("/v1/tenants/{tenant}/installs/{install}", {
        params: { path: { tenant, install: install.id } },
        body: {
          config: values,
          secrets: Object.fromEntries(Object.entries(secrets).filter(([, value]) => value)),
        },
      }),
    ),
  );
  return (
    <Dialog title={`Config and secrets of ${install.name}`} onClose={onClose} wide>
      <Shown query={version}>
        {() =>
          schema ? (
            <SchemaForm schema={schema} values={values} onChange={setValues} />
          ) : (
            <p className="muted">The app has no config.</p>
          )
        }
      </Shown>
      {install.secrets.map((name) => (
        <TextField
          key={name}
          type="password"
          label={`Secret: ${name}`}
          hint="Empty: the present one stays."
          value={secrets[name] ?? ""}
          onChange={(value) => setSecrets({ ...secrets, [name]: value })}
        />
      ))}
      {change.error && <ProblemNotice problem={change.error} />}
      <div className="row">
        <Action
          kind="primary"
          isDisabled={change.isPending}
          onPress={() =>
            change.mutate(undefined, {
              onSuccess: () => {
                say("Runs that start from now on have the new values.");
                onClose();
              },
            })
          }
        >
          Save
        </Action>
        <Action onPress={onClose}>Cancel</Action>
      </div>
    </Dialog>
  );
}

/** Roll back, uninstall, recover, switch: each says what it does before it does it. */
function EndDialog(props: {
  tenant: string;
  install: Install;
  what: "rollback" | "remove" | "switch" | "delete-data";
  onClose: () => void;
}) {
  const { tenant, install, what } = props;
  const say = useSay();
  const [reason, setReason] = useState("");
  const [abort, setAbort] = useState(false);
  const path = { tenant, install: install.id };
  const texts = {
    rollback: [
      `Roll back to ${install.previous}?`,
      "Roll back",
      "Runs under way end on their version; new ones run the version before.",
    ],
    remove: [
      "Uninstall it?",
      "Uninstall",
      "No run starts from now on. Its data is kept for a while, and it can be installed again with it.",
    ],
    switch: install.stopped
      ? ["Switch it on?", "Switch on", "Its triggers start runs again."]
      : ["Switch it off?", "Switch off", "No run starts, and runs under way stop at their next step."],
    "delete-data": [
      "Install it again with its data?",
      "Install again",
      "Its data, config and secrets are those from before.",
    ],
  }[what] as [string, string, string];
  const change = useChange(tenant, async (): Promise<unknown> => {
    if (what === "rollback")
      return answer(api.POST("/v1/tenants/{tenant}/installs/{install}/rollback", { params: { path } }));
    if (what === "remove")
      return answer(
        api.DELETE("/v1/tenants/{tenant}/installs/{install}", { params: { path, query: { abort } } }),
      );
    if (what === "delete-data")
      return answer(api.POST("/v1/tenants/{tenant}/installs/{install}/recover", { params: { path } }));
    return answer(
      api.PUT("/v1/tenants/{tenant}/installs/{install}/switch", {
        params: { path },
        body: { stopped: install.stopped ? "" : reason },
      }),
    );
  });
  return (
    <Confirm
      title={texts[0]}
      action={texts[1]}
      danger={what === "remove" || (what === "switch" && !install.stopped)}
      busy={change.isPending || (what === "switch" && !install.stopped && reason === "")}
      error={change.error as never}
      onClose={props.onClose}
      onConfirm={() =>
        change.mutate(undefined, {
          onSuccess: () => {
            say("It has begun.");
            props.onClose();
          },
        })
      }
    >
      <p>{texts[2]}</p>
      {what === "switch" && !install.stopped && <TextField label="Why" value={reason} onChange={setReason} />}
      {what === "remove" && (
        <label className="check">
          <input type="checkbox" checked={abort} onChange={(event) => setAbort(event.target.checked)} /> Do
          not wait for runs under way
        </label>
      )}
    </Confirm>
  );
}

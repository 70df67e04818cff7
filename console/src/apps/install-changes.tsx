// What is done to an install in a dialog: breakpoints, config and secrets, rollback, removal, recovery, the kill switch.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../api/client";
import { BreakpointForm, reachText } from "../runs/breakpoints";
import { useChange } from "../runs/queries";
import { useVersion } from "../runs/start";
import { Action, Confirm, Dialog, TextField } from "../ui/controls";
import { ProblemNotice, Shown } from "../ui/states";
import { useSay } from "../ui/toasts";
import { type Schema, SchemaForm, type Values } from "./schema-form";

type Install = Schemas["Install"];

export function BreakDialog({
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
  return (
    <BreakpointForm
      title="Add a breakpoint to every run of the install"
      state="*"
      about={reachText(reach.data)}
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

export function SettingsDialog({
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
export function EndDialog(props: {
  tenant: string;
  install: Install;
  what: "rollback" | "remove" | "switch" | "recover";
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
    recover: [
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
    if (what === "recover")
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

// Start a run of an installed app's workflow by hand.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useActiveInstalls } from "../apps/app-field";
import { useCan } from "../session/caller";
import { Action, CheckField, Dialog, SelectField } from "../ui/controls";
import { Editor, jsonError } from "../ui/editor";
import { Empty, ProblemNotice, Shown } from "../ui/states";
import { useChange } from "./queries";

export function StartRun({
  tenant,
  onClose,
  install,
}: {
  tenant: string;
  onClose: () => void;
  install?: string;
}) {
  const installs = useActiveInstalls(tenant);
  return (
    <Dialog title="Start a run" onClose={onClose} wide>
      <Shown query={installs}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No app is installed" />
          ) : (
            <StartForm
              tenant={tenant}
              installs={rows}
              first={install ?? rows[0]?.id ?? ""}
              onClose={onClose}
            />
          )
        }
      </Shown>
    </Dialog>
  );
}

function StartForm(props: {
  tenant: string;
  installs: Schemas["Install"][];
  first: string;
  onClose: () => void;
}) {
  const { tenant } = props;
  const navigate = useNavigate();
  const can = useCan(`tenant/${tenant}`);
  const [id, setId] = useState(props.first);
  const [workflow, setWorkflow] = useState("");
  const [text, setText] = useState("{}");
  const [stop, setStop] = useState(false);
  const install = props.installs.find((one) => one.id === id);
  const version = useVersion(install?.app ?? "", install?.version ?? "");
  const workflows = Object.keys(version.data?.workflows ?? {});
  const chosen = workflow || workflows[0] || "";
  const wrong = jsonError(text);
  const start = useChange(tenant, () =>
    answer(
      api.POST("/v1/tenants/{tenant}/runs", {
        params: { path: { tenant } },
        body: {
          app: install?.app ?? "",
          install: id,
          workflow: chosen,
          input: JSON.parse(text) as unknown,
          key: "",
          tags: [],
          breakpoints: stop ? [{ state: "*", at: "before", condition: "", hits: 1, once: true }] : [],
        },
      }),
    ),
  );
  return (
    <>
      <div className="filters">
        <SelectField
          wide
          label="Install"
          value={id}
          onChange={(value) => {
            setId(value);
            setWorkflow("");
          }}
          options={props.installs.map((one): [string, string] => [
            one.id,
            `${one.name} (${one.app}@${one.version})`,
          ])}
        />
        <SelectField wide label="Workflow" value={chosen} onChange={setWorkflow} options={workflows} />
      </div>
      <div className="field">
        <span className="label">Input, as JSON</span>
        <Editor label="The run's input, as JSON" value={text} onChange={setText} />
        {wrong && <div className="wrong">{wrong}</div>}
      </div>
      {can("debugRuns") && <CheckField label="Stop before the first step" value={stop} onChange={setStop} />}
      {start.error && <ProblemNotice problem={start.error} />}
      <div className="row">
        <Action
          kind="primary"
          isDisabled={wrong !== "" || chosen === "" || start.isPending}
          onPress={() =>
            start.mutate(undefined, { onSuccess: (run) => void navigate(`/t/${tenant}/runs/${run.run}`) })
          }
        >
          Start
        </Action>
        <Action onPress={props.onClose}>Cancel</Action>
      </div>
    </>
  );
}

/** A version of an app, which does not change. */
export function useVersion(app: string, version: string) {
  const [publisher = "", name = ""] = app.split("/");
  return useQuery({
    queryKey: ["version", app, version],
    queryFn: () =>
      answer(
        api.GET("/v1/publishers/{publisher}/apps/{name}/versions/{version}", {
          params: { path: { publisher, name, version } },
        }),
      ),
    enabled: name !== "" && version !== "",
    staleTime: 60_000,
  });
}

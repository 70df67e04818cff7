// Fork a run: one dialog for where, with which input, and on which version.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api } from "../api/client";
import { Action, CheckField, Dialog, SelectField } from "../ui/controls";
import { Editor, jsonError } from "../ui/editor";
import { pretty } from "../ui/json";
import { Loading, Notice, ProblemNotice } from "../ui/states";
import { mergePatch, NO_PATCH } from "./merge-patch";
import { type Outline, type Run, useChange, useGraph, useRecord } from "./queries";

type Differing = "stop" | "run" | "reuse";

export function ForkDialog(props: {
  tenant: string;
  run: Run;
  at: string;
  before?: string;
  visit?: Outline;
  onClose: () => void;
}) {
  const { tenant, run } = props;
  const navigate = useNavigate();
  const [at, setAt] = useState(props.at);
  const [edit, setEdit] = useState(false);
  const [text, setText] = useState<string | null>(null);
  const [version, setVersion] = useState("");
  const [dry, setDry] = useState(true);
  const [differing, setDiffering] = useState<Differing>("stop");
  const graph = useGraph(tenant, run);
  const versions = useVersions(run.app);
  const record = useRecord(tenant, run.id, props.before, edit && props.visit ? props.visit.key : undefined);
  const recorded = record.data ? pretty(record.data.input.value ?? null) : null;
  const input = text ?? recorded ?? "";
  const changed = edit && recorded !== null && input !== recorded;
  const invalid = edit ? jsonError(input) : "";
  const patch =
    changed && !invalid ? mergePatch(record.data?.input.value, JSON.parse(input) as unknown) : NO_PATCH;
  const wrong = invalid || patch.wrong;
  const fork = useChange(tenant, () =>
    answer(
      api.POST("/v1/tenants/{tenant}/runs/{run}/forks", {
        params: { path: { tenant, run: run.id } },
        body: {
          at,
          whole: false,
          dry,
          waits: false,
          differing,
          accept: [],
          breakpoints: [],
          tags: [],
          key: "",
          ...(version ? { version } : {}),
          ...(changed ? { patch: patch.patch } : {}),
        },
      }),
    ),
  );
  const tasks = (graph.data?.states ?? []).filter((one) => one.kind === "Task").map((one) => one.name);
  const places = [...new Set([props.at, ...tasks].filter(Boolean))];
  return (
    <Dialog title="Fork the run" onClose={props.onClose} wide>
      <p className="muted">
        A fork is a new run. Steps before the fork point are served from this run&apos;s records and do not
        run again; the others run.
      </p>
      <div className="filters">
        <SelectField
          wide
          label="From"
          value={at}
          onChange={setAt}
          options={[
            ["", run.failed?.state ? `where it failed (${run.failed.state})` : "where it failed"],
            ...places.map((one): [string, string] => [one, one]),
          ]}
        />
        <SelectField
          wide
          label="Version"
          value={version}
          onChange={setVersion}
          options={[
            ["", `${run.version}, as it ran`],
            ...(versions.data ?? [])
              .filter((one) => one !== run.version)
              .map((one): [string, string] => [one, one]),
          ]}
        />
        <SelectField
          wide
          label="If an input differs from the record"
          value={differing}
          onChange={(value) => setDiffering(value as Differing)}
          options={[
            ["stop", "stop, and say where"],
            ["run", "run the step"],
            ["reuse", "serve the record all the same"],
          ]}
        />
      </div>
      <CheckField label="Dry: capture effects, and perform none" value={dry} onChange={setDry} />
      {!dry && (
        <Notice kind="warn">
          The steps from the fork point on run for real: they write to the catalog, send events and call out.
        </Notice>
      )}
      {props.visit && at === props.at && (
        <>
          <CheckField label={`Edit the input of ${props.at}`} value={edit} onChange={setEdit} />
          {edit && record.isPending && <Loading rows={3} />}
          {edit && record.data?.input.key && record.data.input.value === undefined && (
            <Notice kind="warn">This input is too large to edit here: interlock run fork --patch</Notice>
          )}
          {edit && recorded !== null && (
            <div className="field">
              <span className="label">
                {changed ? (
                  <span className="chip warn">edited, not what was recorded</span>
                ) : (
                  "As it was recorded"
                )}
              </span>
              <Editor label={`Input of ${props.at}, as JSON`} value={input} onChange={setText} />
              {wrong && <div className="wrong">{wrong}</div>}
            </div>
          )}
        </>
      )}
      {fork.error && <ProblemNotice problem={fork.error} />}
      <div className="row">
        <Action
          kind="primary"
          isDisabled={fork.isPending || wrong !== ""}
          onPress={() =>
            fork.mutate(undefined, { onSuccess: (next) => void navigate(`/t/${tenant}/runs/${next.run}`) })
          }
        >
          {dry ? "Fork, dry" : "Fork for real"}
        </Action>
        <Action onPress={props.onClose}>Cancel</Action>
      </div>
    </Dialog>
  );
}

/** The versions of an app that a tenant may see, the newest first. */
export function useVersions(app: string) {
  const [publisher = "", name = ""] = app.split("/");
  return useQuery({
    queryKey: ["versions", app],
    queryFn: async () =>
      (
        await answer(
          api.GET("/v1/publishers/{publisher}/apps/{name}/versions", {
            params: { path: { publisher, name } },
          }),
        )
      ).versions.map((one) => one.version),
    enabled: name !== "",
    staleTime: 30_000,
  });
}

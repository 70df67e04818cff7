// Breakpoints of a run that goes on: armed ones, and a new one.
import { useState } from "react";
import { answer, api, type Schemas } from "../api/client";
import { useCan } from "../session/caller";
import { Person } from "../session/person";
import { Action, CheckField, Dialog, SelectField, TextField } from "../ui/controls";
import { Time } from "../ui/format";
import { Empty, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useSay } from "../ui/toasts";
import { type Run, useBreakpoints, useChange } from "./queries";

type At = "before" | "after" | "error";

export interface BreakpointDraft {
  state: string;
  at: At;
  condition: string;
  hits: number;
  once: boolean;
  until: string | null;
}

export function BreakpointList({ tenant, run }: { tenant: string; run: Run }) {
  const can = useCan(`tenant/${tenant}`);
  const query = useBreakpoints(tenant, run);
  const remove = useChange(tenant, (rule: string) =>
    answer(
      api.DELETE("/v1/tenants/{tenant}/runs/{run}/breakpoints/{rule}", {
        params: { path: { tenant, run: run.id, rule } },
      }),
    ),
  );
  return (
    <Shown query={query}>
      {(rows) =>
        rows.length === 0 ? (
          <Empty title="No breakpoint is armed on this run">
            <p>Choose a state in the graph and add one, or arm one on the install for all of its runs.</p>
          </Empty>
        ) : (
          <BreakpointTable
            rows={rows}
            onRemove={can("debugRuns") ? (rule) => remove.mutate(rule) : undefined}
          />
        )
      }
    </Shown>
  );
}

type Armed = NonNullable<ReturnType<typeof useBreakpoints>["data"]>[number];

export function BreakpointTable({
  rows,
  onRemove,
}: {
  rows: Armed[];
  onRemove: ((rule: string) => void) | undefined;
}) {
  return (
    <Table
      label="Breakpoints"
      rows={rows}
      rowKey={(row) => row.breakpoint.id}
      columns={[
        {
          title: "Where",
          cell: ({ breakpoint: rule, spent }) => (
            <>
              {rule.at === "error" ? "when" : rule.at} <strong>{rule.state}</strong>
              {rule.at === "error" && " fails"} {spent && <span className="chip">spent</span>}
              {rule.condition && (
                <div>
                  if <code>{rule.condition}</code>
                </div>
              )}
            </>
          ),
        },
        {
          title: "Hits",
          cell: (row) => (
            <>
              {row.hits}
              {row.breakpoint.hits > 1 && `, stops from ${row.breakpoint.hits} on`}
              {row.errors > 0 && (
                <div className="wrong">
                  The condition failed {row.errors} times: {row.last_error}
                </div>
              )}
            </>
          ),
        },
        {
          title: "Until",
          cell: (row) => (row.breakpoint.until ? <Time at={row.breakpoint.until} /> : "its end"),
        },
        { title: "Armed by", small: "hide", cell: (row) => <Person id={row.breakpoint.armed_by} /> },
        {
          title: "",
          cell: (row) =>
            onRemove && (
              <Action small onPress={() => onRemove(row.breakpoint.id)}>
                Remove
              </Action>
            ),
        },
      ]}
    />
  );
}

export function AddBreakpoint(props: { tenant: string; run: Run; state: string; onClose: () => void }) {
  const { tenant, run } = props;
  const say = useSay();
  const add = useChange(tenant, (body: BreakpointDraft) =>
    answer(
      api.POST("/v1/tenants/{tenant}/runs/{run}/breakpoints", {
        params: { path: { tenant, run: run.id } },
        body,
      }),
    ),
  );
  return (
    <BreakpointForm
      title="Add a breakpoint to this run"
      state={props.state}
      busy={add.isPending}
      error={add.error}
      about="It stops this run only."
      onClose={props.onClose}
      onAdd={(draft) =>
        add.mutate(draft, {
          onSuccess: () => {
            say(`The run stops ${draft.at === "error" ? "when" : draft.at} ${draft.state}.`);
            props.onClose();
          },
        })
      }
    />
  );
}

/** How many runs a breakpoint could stop, said before it is armed. */
export function reachText(reach: Schemas["BreakpointReach"] | undefined, where = ""): string {
  if (!reach) return `It stops runs that are under way${where}, and each that starts later.`;
  const more = reach.more ? " or more" : "";
  return `It can stop ${reach.could_stop}${more} of the ${reach.under_way}${more} runs that are under way${where}, and each that starts later.`;
}

export function BreakpointForm(props: {
  title: string;
  state: string;
  about: React.ReactNode;
  busy: boolean;
  error: Error | null;
  onAdd: (draft: BreakpointDraft) => void;
  onClose: () => void;
  /** Hears which state is named, to say how many runs that touches. */
  onState?: (state: string) => void;
}) {
  const [state, setState] = useState(props.state);
  const [at, setAt] = useState<At>("before");
  const [condition, setCondition] = useState("");
  const [hits, setHits] = useState("1");
  const [once, setOnce] = useState(true);
  const [minutes, setMinutes] = useState("60");
  const name = (value: string) => {
    setState(value);
    props.onState?.(value || "*");
  };
  const draft = (): BreakpointDraft => ({
    state,
    at,
    condition,
    hits: Math.max(1, Number(hits) || 1),
    once,
    until: minutes ? new Date(Date.now() + Number(minutes) * 60_000).toISOString() : null,
  });
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <p className="muted">{props.about}</p>
      <TextField
        label="State"
        value={state}
        onChange={name}
        hint="A name, or a pattern: * is anything, ? one letter."
      />
      <SelectField
        label="Stop"
        value={at}
        onChange={(value) => setAt(value as At)}
        options={[
          ["before", "before the step runs"],
          ["after", "after the step ran"],
          ["error", "when the step fails"],
        ]}
      />
      <TextField
        label="Only if (JSONata)"
        value={condition}
        onChange={setCondition}
        placeholder="input.rows > 1000"
        hint="Over input, output and error. Empty: always."
      />
      <div className="filters">
        <TextField label="From match number" type="number" value={hits} onChange={setHits} />
        <TextField
          label="Expires in minutes"
          type="number"
          value={minutes}
          onChange={setMinutes}
          hint="Empty: never"
        />
      </div>
      <CheckField label="Only once" value={once} onChange={setOnce} />
      {props.error && <ProblemNotice problem={props.error} />}
      <div className="row">
        <Action kind="primary" isDisabled={props.busy || state === ""} onPress={() => props.onAdd(draft())}>
          Add
        </Action>
        <Action onPress={props.onClose}>Cancel</Action>
      </div>
    </Dialog>
  );
}

// A state of a run: its visits, and of the chosen one all that was recorded. Bodies are read when a visit is chosen.
import { useState } from "react";
import type { Schemas } from "../api/client";
import { Action, SelectField, TabSet } from "../ui/controls";
import { bytes, count, duration, Time } from "../ui/format";
import { Json } from "../ui/json";
import { Empty, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { BodyView } from "./body";
import { AddBreakpoint } from "./breakpoints";
import { Source } from "./explanation";
import { StateFlows, VisitFlow } from "./flow";
import { ForkDialog } from "./fork";
import { isOver, type Outline, type Run, type RunGraph, type StepRecord, useRecord } from "./queries";
import { Status } from "./status";
import { itemText } from "./totals";

const LISTED = 200;
const NOT_ENTERED: string[] = ["pending", "skipped"];

export function StepPanel(props: {
  tenant: string;
  run: Run;
  state: string;
  visit: string;
  graph: RunGraph | undefined;
  outlines: Outline[];
  mayDebug: boolean;
  onChoose: (state: string, key?: string) => void;
}) {
  const { tenant, run, state: name, outlines, mayDebug } = props;
  const [dialog, setDialog] = useState<"break" | "fork" | null>(null);
  if (name === "")
    return (
      <section className="card" aria-label="State">
        <Empty title="Choose a state">
          <p>Click one in the graph or in the list of steps to see what went in and what came out.</p>
        </Empty>
      </section>
    );
  const state = props.graph?.states.find((one) => one.name === name);
  const visits = outlines.filter((one) => one.state === name);
  const chosen = visits.find((one) => one.key === props.visit) ?? firstOf(visits);
  const index = chosen ? outlines.indexOf(chosen) : -1;
  return (
    <section className="card stack" aria-label={`State ${name}`}>
      <div className="row between">
        <div className="row">
          <h2>{name}</h2>
          {state && <Status value={state.status} />}
        </div>
        <div className="row">
          {mayDebug && !isOver(run) && (
            <Action small onPress={() => setDialog("break")}>
              Add breakpoint
            </Action>
          )}
          {mayDebug && isOver(run) && chosen && (
            <Action small onPress={() => setDialog("fork")}>
              Fork from here
            </Action>
          )}
        </div>
      </div>
      {state && <StateFacts state={state} />}
      {visits.length > 1 && (
        <SelectField
          label={`Visit, of ${count(visits.length)}`}
          value={chosen?.key ?? ""}
          onChange={(key) => props.onChoose(name, key)}
          options={visits.slice(0, LISTED).map((one): [string, string] => [one.key, visitName(one)])}
          hint={
            visits.length > LISTED
              ? "The first 200 are listed; choose others in the list of steps."
              : undefined
          }
        />
      )}
      {chosen ? (
        <VisitView tenant={tenant} run={run} before={outlines[index - 1]?.key} outline={chosen} />
      ) : (
        <p className="muted">
          {state && state.kind !== "Task"
            ? `A ${state.kind} state calls no step: Step Functions does it, and no record is kept.`
            : "The run has not called this step."}
        </p>
      )}
      {state && state.kind !== "Task" && !NOT_ENTERED.includes(state.status) && (
        <StateFlows key={name} tenant={tenant} run={run} state={name} />
      )}
      {dialog === "break" && (
        <AddBreakpoint tenant={tenant} run={run} state={name} onClose={() => setDialog(null)} />
      )}
      {dialog === "fork" && chosen && (
        <ForkDialog
          tenant={tenant}
          run={run}
          at={placeOf(chosen)}
          before={outlines[index - 1]?.key}
          visit={chosen}
          onClose={() => setDialog(null)}
        />
      )}
    </section>
  );
}

/** The one that failed, else the last. */
function firstOf(visits: Outline[]): Outline | undefined {
  return visits.find((one) => one.status === "failed") ?? visits.at(-1);
}

export function placeOf(outline: Outline): string {
  return typeof outline.index === "number" ? `${outline.state}[${outline.index}]` : outline.state;
}

function visitName(one: Outline): string {
  const item = typeof one.index === "number" ? `item ${one.index}, ` : "";
  return `${item}attempt ${one.attempt + 1}: ${one.status}`;
}

function StateFacts({ state }: { state: Schemas["GraphState"] }) {
  const counts = Object.entries(state.counts ?? {}).filter(([, number]) => number > 0);
  return (
    <dl className="pairs small">
      <dt>Kind</dt>
      <dd>
        {state.kind}
        {state.step && `, step ${state.step}`}
      </dd>
      {counts.length > 0 && (
        <>
          <dt>Visits</dt>
          <dd>{counts.map(([status, number]) => `${count(number)} ${status}`).join(", ")}</dd>
        </>
      )}
      {state.items && (
        <>
          <dt>Items</dt>
          <dd>{itemText(state.items)}</dd>
        </>
      )}
      {state.largest_bytes > 0 && (
        <>
          <dt>Largest data</dt>
          <dd>{bytes(state.largest_bytes)}</dd>
        </>
      )}
    </dl>
  );
}

function VisitView(props: { tenant: string; run: Run; before: string | undefined; outline: Outline }) {
  const { tenant, run, outline } = props;
  const record = useRecord(tenant, run.id, props.before, outline.key);
  return (
    <>
      <dl className="pairs small">
        <dt>Attempt</dt>
        <dd>
          {outline.attempt + 1} <Status value={outline.status} />{" "}
          {outline.cold && <span className="chip">cold start</span>}
        </dd>
        <dt>Started</dt>
        <dd>
          <Time at={outline.started} />, took {duration(outline.duration_ms)}
        </dd>
        {outline.summary && (
          <>
            <dt>Summary</dt>
            <dd>{outline.summary}</dd>
          </>
        )}
        {outline.reused && (
          <>
            <dt>Served from</dt>
            <dd>{outline.reused.includes("#") ? `the record ${outline.reused}` : outline.reused}</dd>
          </>
        )}
        {outline.asked && (
          <>
            <dt>Input</dt>
            <dd>
              <span className="chip warn">edited</span> The step got another input than the workflow passed.
            </dd>
          </>
        )}
      </dl>
      <Shown query={record} rows={3}>
        {(data) =>
          data ? (
            <RecordTabs
              record={data}
              flow={() => <VisitFlow tenant={tenant} run={run} place={placeOf(outline)} outline={outline} />}
            />
          ) : (
            <p className="muted">The record is not there any more.</p>
          )
        }
      </Shown>
    </>
  );
}

function RecordTabs({ record, flow }: { record: StepRecord; flow: () => React.ReactNode }) {
  return (
    <TabSet
      label="What was recorded"
      tabs={[
        ...(record.error
          ? [
              {
                id: "error",
                title: "Error",
                content: () => <ErrorView error={record.error as Schemas["StepError"]} />,
              },
            ]
          : []),
        {
          id: "input",
          title: "Input",
          content: () => <BodyView body={record.input} label="The step's input, as it was recorded" />,
        },
        {
          id: "output",
          title: "Output",
          content: () =>
            record.output ? (
              <BodyView body={record.output} label="The step's output, as it was recorded" />
            ) : (
              <p className="muted">The step returned nothing.</p>
            ),
        },
        { id: "flow", title: "Data flow", content: flow },
        {
          id: "effects",
          title: `Effects (${record.effects.length})`,
          content: () => <Effects effects={record.effects} />,
        },
      ]}
    />
  );
}

export function ErrorView({ error }: { error: Schemas["StepError"] }) {
  return (
    <div className="stack">
      <div>
        <strong>{error.name}</strong> {error.type && error.type !== error.name && <code>{error.type}</code>}
        <div>{error.message}</div>
      </div>
      {error.frames.map((frame) => (
        <div key={`${frame.file}:${frame.line}:${frame.function}`} className="stack">
          <code>
            {frame.file}:{frame.line} in {frame.function}
          </code>
          <Source lines={frame.source} start={frame.source_start} at={frame.line} of={` of ${frame.file}`} />
          <Locals locals={frame.locals ?? {}} />
        </div>
      ))}
    </div>
  );
}

/** Local variables, less what only says where an object of the SDK lies (interlock/debugger/explain.py). */
function Locals({ locals }: { locals: Record<string, string> }) {
  const rows = Object.entries(locals).filter(([, value]) => !value.startsWith("<interlock."));
  if (rows.length === 0) return null;
  return (
    <dl className="pairs small">
      {rows.map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>
            <code>{value}</code>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Effects({ effects }: { effects: Schemas["Effect"][] }) {
  if (effects.length === 0) return <p className="muted">The step called nothing through its context.</p>;
  return (
    <Table
      label="Effects of the step"
      rows={effects}
      rowKey={(row) => String(row.seq)}
      columns={[
        { title: "#", number: true, cell: (row) => row.seq },
        {
          title: "Call",
          cell: (row) => (
            <details>
              <summary>
                {row.kind}.{row.op} {!row.performed && <span className="chip">not performed</span>}
                {row.error && <span className="chip bad">{row.error}</span>}
              </summary>
              <Json value={row.request} label={`Request of effect ${row.seq}`} />
              <Json value={row.result ?? null} label={`Result of effect ${row.seq}`} />
            </details>
          ),
        },
        { title: "Took", number: true, cell: (row) => duration(row.duration_ms) },
      ]}
    />
  );
}

// One run: what it is about, its graph and its steps, and what can be done with it.
import { lazy, Suspense, useMemo } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { PauseNotices, type Pauses } from "../pauses/pause";
import { useCan, useTenant } from "../session/caller";
import { Copy, TabSet } from "../ui/controls";
import { Figure } from "../ui/figure";
import { bytes, count, duration, Time } from "../ui/format";
import { Json } from "../ui/json";
import { Empty, Loading, Notice, Shown } from "../ui/states";
import { AppViews } from "../views/views";
import { RunActions } from "./actions";
import { BodyView } from "./body";
import { BreakpointList } from "./breakpoints";
import { ExplanationView } from "./explanation";
import { Family } from "./family";
import { Marks, Took, TriggerText } from "./list";
import { Logs } from "./logs";
import {
  isOver,
  type Outline,
  type Run,
  type RunGraph,
  useBreakpoints,
  useGraph,
  useOutlines,
  usePauses,
  useRun,
} from "./queries";
import { Status } from "./status";
import { StepPanel } from "./step";
import { itemTotals } from "./totals";
import { Waterfall } from "./waterfall";

const Graph = lazy(() => import("./graph"));

export function RunPage() {
  const tenant = useTenant();
  const { run: id = "" } = useParams();
  const run = useRun(tenant, id);
  return (
    <Shown query={run} title="Run">
      {(data) => <RunView tenant={tenant} run={data} />}
    </Shown>
  );
}

function RunView({ tenant, run }: { tenant: string; run: Run }) {
  const can = useCan(`tenant/${tenant}`);
  const [query, setQuery] = useSearchParams();
  const graph = useGraph(tenant, run);
  const outlines = useOutlines(tenant, run);
  const pauses = usePauses(tenant, run);
  const breakpoints = useBreakpoints(tenant, run);
  // Of a failed run, the state that failed is what a reader looks for.
  const chosen = query.get("state") ?? run.failed?.state ?? "";
  const visit = query.get("visit") ?? "";
  const choose = (state: string, key = "") =>
    setQuery(
      (now) => {
        const next = new URLSearchParams(now);
        next.set("state", state);
        if (key) next.set("visit", key);
        else next.delete("visit");
        return next;
      },
      { replace: true },
    );
  const armed = useMemo(() => byState(graph.data, breakpoints.data ?? []), [graph.data, breakpoints.data]);
  const totals = useMemo(() => itemTotals(graph.data), [graph.data]);
  const tab = query.get("tab") ?? (run.status === "failed" ? "explanation" : "graph");
  return (
    <div className="stack">
      <Header tenant={tenant} run={run} outlines={outlines.data} explained={tab === "explanation"} />
      <PauseNotices tenant={tenant} run={run} pauses={(pauses.data ?? []) as Pauses} />
      <div className="two">
        <TabSet
          label="The run"
          selected={tab}
          onSelect={(id) =>
            setQuery(
              (now) => {
                const next = new URLSearchParams(now);
                next.set("tab", id);
                return next;
              },
              { replace: true },
            )
          }
          tabs={[
            ...(run.status === "failed" || run.status === "aborted"
              ? [
                  {
                    id: "explanation",
                    title: "Why it failed",
                    content: () => <ExplanationView tenant={tenant} run={run} />,
                  },
                ]
              : []),
            {
              id: "graph",
              title: "Graph",
              content: () => (
                <Shown query={graph}>
                  {(data) => (
                    <Suspense fallback={<Loading label="Loading the graph" />}>
                      <Graph graph={data} chosen={chosen} onChoose={choose} breakpoints={armed} />
                    </Suspense>
                  )}
                </Shown>
              ),
            },
            {
              id: "steps",
              title: `Steps${outlines.data ? ` (${count(outlines.data.length)})` : ""}`,
              content: () => (
                <Shown query={outlines}>
                  {(steps) => (
                    <Waterfall
                      run={run}
                      steps={steps}
                      totals={totals}
                      chosen={visit}
                      onChoose={(step) => choose(step.state, step.key)}
                    />
                  )}
                </Shown>
              ),
            },
            { id: "logs", title: "Logs", content: () => <Logs tenant={tenant} run={run} state={chosen} /> },
            { id: "data", title: "Input and output", content: () => <RunData run={run} /> },
            {
              id: "pages",
              title: "Pages",
              content: () => (
                <AppViews tenant={tenant} where="run" subject={run.id} install={run.install}>
                  <Empty title="The app brings no page for runs" />
                </AppViews>
              ),
            },
            { id: "family", title: "Links", content: () => <Family tenant={tenant} run={run} /> },
            ...(isOver(run)
              ? []
              : [
                  {
                    id: "breakpoints",
                    title: "Breakpoints",
                    content: () => <BreakpointList tenant={tenant} run={run} />,
                  },
                ]),
          ]}
        />
        <StepPanel
          tenant={tenant}
          run={run}
          state={chosen}
          visit={visit}
          graph={graph.data}
          outlines={outlines.data ?? []}
          mayDebug={can("debugRuns")}
          onChoose={choose}
        />
      </div>
    </div>
  );
}

function Header(props: {
  tenant: string;
  run: Run;
  outlines: Outline[] | undefined;
  /** Whether the page shows why it failed already. */
  explained: boolean;
}) {
  const { tenant, run, outlines, explained } = props;
  return (
    <>
      <div className="row between">
        <div className="row">
          <h1>{run.title || run.workflow}</h1>
          <Status value={run.status} />
          <Marks run={run} />
        </div>
        <RunActions tenant={tenant} run={run} />
      </div>
      <div className="row small muted">
        <code>{run.id}</code>
        <Copy text={run.id} label="Copy id" />
        <Copy text={`interlock run debug ${run.id}`} label="Copy debug command" />
        {run.fork && (
          <span>
            Fork of <Link to={`/t/${tenant}/runs/${run.fork.parent}`}>{run.fork.parent}</Link>
            {run.fork.at && ` from ${run.fork.at}`}
            {run.fork.edited && ", with edited input"}
          </span>
        )}
      </div>
      {run.stop && <Notice kind="warn">Stopped: {run.stop}</Notice>}
      {run.failed && !explained && (
        <Notice kind="bad">
          <strong>{run.failed.error}</strong> {run.failed.state && <>in {run.failed.state} </>}
          <div>{run.failed.cause}</div>
          {run.failed.frame && <code>{run.failed.frame}</code>}
        </Notice>
      )}
      <dl className="figures">
        <Figure
          name="App"
          value={<Link to={`/t/${tenant}/apps/${run.app}`}>{`${run.app}@${run.version}`}</Link>}
        />
        <Figure
          name="Install"
          value={<Link to={`/t/${tenant}/installs/${run.install}`}>{run.install_name}</Link>}
        />
        <Figure name="Started by" value={<TriggerText run={run} />} />
        <Figure name="Started" value={<Time at={run.started} />} />
        <Figure name="Took" value={<Took run={run} />} />
        {run.paused_ms > 0 && <Figure name="Paused (not in timeouts)" value={duration(run.paused_ms)} />}
        <Figure name="Steps" value={count(run.usage?.steps || (outlines?.length ?? 0))} />
        <Figure name="Time in steps" value={duration(run.usage?.step_ms ?? 0)} />
        {(run.usage?.dollars ?? 0) > 0 && (
          <Figure name="Cost, about" value={`$${(run.usage?.dollars ?? 0).toFixed(6)}`} />
        )}
        {(run.usage?.largest_bytes ?? 0) > 0 && (
          <Figure name={`Largest: ${run.usage?.largest}`} value={bytes(run.usage?.largest_bytes ?? 0)} />
        )}
        {(run.usage?.model?.calls ?? 0) > 0 && (
          <Figure
            name="Model"
            value={`${count((run.usage?.model?.input_tokens ?? 0) + (run.usage?.model?.output_tokens ?? 0))} tokens, $${(run.usage?.model?.dollars ?? 0).toFixed(4)}`}
          />
        )}
      </dl>
    </>
  );
}

function RunData({ run }: { run: Run }) {
  return (
    <div className="stack">
      <h2>Input</h2>
      <BodyView body={run.input} label="The run's input" />
      <h2>Output</h2>
      {run.output ? (
        <BodyView body={run.output} label="The run's output" />
      ) : (
        <p className="muted">There is none yet.</p>
      )}
      <h2>The install's config when it started</h2>
      <Json value={run.config ?? {}} label="The install's config" />
    </div>
  );
}

/** How many breakpoints stop at each state; a pattern is matched as the platform does (`*` and `?`). */
function byState(
  graph: RunGraph | undefined,
  rules: { breakpoint: { state: string }; spent: boolean }[],
): Map<string, number> {
  const found = new Map<string, number>();
  for (const state of graph?.states ?? [])
    for (const rule of rules)
      if (!rule.spent && matches(rule.breakpoint.state, state.name))
        found.set(state.name, (found.get(state.name) ?? 0) + 1);
  return found;
}

function matches(pattern: string, name: string): boolean {
  const parts = [...pattern].map((letter) =>
    letter === "*" ? ".*" : letter === "?" ? "." : letter.replace(/[.+^${}()|[\]\\]/g, "\\$&"),
  );
  return new RegExp(`^${parts.join("")}$`).test(name);
}

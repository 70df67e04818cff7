// The runs of a tenant. The filters are in the address, so that a view can be sent to somebody.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api } from "../api/client";
import { POLL } from "../api/poll";
import { useCan, useTenant } from "../session/caller";
import { Action, ActionMenu, CheckField, SelectField, TextField } from "../ui/controls";
import { duration, plural, Time, useNow } from "../ui/format";
import { Empty, Loading, ProblemNotice } from "../ui/states";
import { Table } from "../ui/table";
import { isOver, type Run } from "./queries";
import { keepView, removeView, type SavedView, useViews } from "./saved-views";
import { StartRun } from "./start";
import { Status } from "./status";

const PAGE = 50;
const STATUSES = ["starting", "running", "paused", "succeeded", "failed", "aborted"];
type FilterName =
  | "q"
  | "app"
  | "install"
  | "workflow"
  | "version"
  | "status"
  | "ended_badly"
  | "state"
  | "error"
  | "fingerprint"
  | "tag"
  | "since"
  | "until"
  | "longer"
  | "shorter"
  | "input"
  | "forks"
  | "dry";
const FILTERS: [FilterName, string, string][] = [
  ["app", "App", "acme/pii-tagger"],
  ["install", "Install", "pii-tagger"],
  ["workflow", "Workflow", "tag"],
  ["version", "Version", "1.4.0"],
  ["state", "State", "Classify"],
  ["error", "Error", "Timeout"],
  ["tag", "Tag", "nightly"],
  ["since", "Since", "2h, or 2026-11-27T09:00+01:00"],
  ["until", "Until", "10m"],
  ["longer", "Longer than", "90s"],
  ["shorter", "Shorter than", "5m"],
  ["input", "Input has", "customer.id=42"],
];
const COMMON: FilterName[] = ["app", "workflow", "since"];

export function RunList() {
  const tenant = useTenant();
  const can = useCan(`tenant/${tenant}`);
  const [query, setQuery] = useSearchParams();
  const [more, setMore] = useState(false);
  const [starting, setStarting] = useState(false);
  const filters = Object.fromEntries([...query].filter(([, value]) => value !== "")) as Record<
    string,
    string
  >;
  const set = (name: string, value: string) =>
    setQuery((now) => {
      const next = new URLSearchParams(now);
      if (value === "") next.delete(name);
      else next.set(name, value);
      return next;
    });
  const runs = useInfiniteQuery({
    queryKey: [tenant, "runs", filters],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/v1/tenants/{tenant}/runs", {
          params: {
            path: { tenant },
            query: { ...(filters as object), limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    refetchInterval: (state) => ((state.state.data?.pages.length ?? 0) > 1 ? false : POLL.list),
  });
  const shown = FILTERS.filter(([name]) => more || COMMON.includes(name) || filters[name]);
  const rows = runs.data?.pages.flatMap((page) => page.runs) ?? [];
  const read = runs.data?.pages.reduce((sum, page) => sum + page.read, 0) ?? 0;
  return (
    <div className="stack">
      <div className="row between">
        <h1>Runs</h1>
        <div className="row">
          <Views
            tenant={tenant}
            filters={query.toString()}
            onChoose={(text) => setQuery(new URLSearchParams(text))}
          />
          {can("startRuns") && (
            <Action kind="primary" onPress={() => setStarting(true)}>
              Start a run
            </Action>
          )}
        </div>
      </div>
      <section className="filters" aria-label="Filters">
        <SelectField
          label="Status"
          value={filters.ended_badly === "true" ? "not-well" : (filters.status ?? "")}
          onChange={(value) =>
            setQuery((now) => {
              const next = new URLSearchParams(now);
              next.delete("status");
              next.delete("ended_badly");
              if (value === "not-well") next.set("ended_badly", "true");
              else if (value) next.set("status", value);
              return next;
            })
          }
          options={[
            ["", "any"],
            ["not-well", "not ended well"],
            ...STATUSES.map((one): [string, string] => [one, one]),
          ]}
        />
        {shown.map(([name, label, example]) => (
          <FilterField
            key={name}
            label={label}
            example={example}
            value={filters[name] ?? ""}
            onSet={(value) => set(name, value)}
          />
        ))}
        <CheckField
          label="Hide forks"
          value={filters.forks === "false"}
          onChange={(on) => set("forks", on ? "false" : "")}
        />
        <Action kind="plain" onPress={() => setMore(!more)}>
          {more ? "Fewer filters" : "More filters"}
        </Action>
        {Object.keys(filters).length > 0 && (
          <Action kind="plain" onPress={() => setQuery({})}>
            Clear {plural(Object.keys(filters).length, "filter")}
          </Action>
        )}
      </section>
      {runs.error && (
        <ProblemNotice problem={runs.error} retry={() => void runs.refetch()} busy={runs.isFetching} />
      )}
      {runs.isPending && <Loading />}
      {runs.data && rows.length === 0 && (
        <NoRuns tenant={tenant} filters={filters} read={read} more={runs.hasNextPage} />
      )}
      {rows.length > 0 && <RunTable tenant={tenant} runs={rows} />}
      {runs.hasNextPage && (
        <div className="row">
          <Action isDisabled={runs.isFetchingNextPage} onPress={() => void runs.fetchNextPage()}>
            {runs.isFetchingNextPage ? "Loading…" : "Older runs"}
          </Action>
          <span className="muted small">{plural(read, "run")} looked at.</span>
        </div>
      )}
      {starting && <StartRun tenant={tenant} onClose={() => setStarting(false)} />}
    </div>
  );
}

/** A filter takes effect when its field is left, or by Enter: not at each letter. */
function FilterField(props: {
  label: string;
  example: string;
  value: string;
  onSet: (value: string) => void;
}) {
  const [text, setText] = useState(props.value);
  const [before, setBefore] = useState(props.value);
  if (before !== props.value) {
    setBefore(props.value);
    setText(props.value);
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onSet(text.trim());
      }}
      onBlur={() => text.trim() !== props.value && props.onSet(text.trim())}
    >
      <TextField label={props.label} placeholder={props.example} value={text} onChange={setText} />
    </form>
  );
}

export function RunTable({ tenant, runs }: { tenant: string; runs: Run[] }) {
  return (
    <Table
      label="Runs"
      rows={runs}
      rowKey={(run) => run.id}
      columns={[
        { title: "Status", cell: (run) => <Status value={run.status} /> },
        {
          title: "Run",
          cell: (run) => (
            <>
              <Link to={`/t/${tenant}/runs/${run.id}`}>{run.title || run.workflow}</Link> <Marks run={run} />
              {run.failed && (
                <div className="muted small">
                  {run.failed.error}
                  {run.failed.state && ` in ${run.failed.state}`}
                </div>
              )}
            </>
          ),
        },
        {
          title: "App",
          small: "hide",
          cell: (run) => (
            <>
              {run.app}@{run.version}
              <div className="muted small">
                {run.install_name} · {run.workflow}
              </div>
            </>
          ),
        },
        { title: "Started by", small: "hide", cell: (run) => <TriggerText run={run} /> },
        { title: "Started", cell: (run) => <Time at={run.started} /> },
        { title: "Took", number: true, small: "hide", cell: (run) => <Took run={run} /> },
      ]}
    />
  );
}

/** What sets a run apart: a dry one, a fork, one that was stopped or recovered. */
export function Marks({ run }: { run: Run }) {
  return (
    <>
      {run.fork && <span className="chip">{run.fork.dry ? "dry fork" : "fork"}</span>}
      {run.recovered > 0 && <span className="chip">recovered</span>}
      {run.tags.map((tag) => (
        <span key={tag} className="chip">
          {tag}
        </span>
      ))}
    </>
  );
}

/** What started a run: `event asset.updated`, `tool ask_catalog`. */
export function TriggerText({ run }: { run: Run }) {
  const { kind, name } = run.trigger;
  const own = name.startsWith(`${kind}:`) ? name.slice(kind.length + 1) : name;
  return (
    <span>
      {kind}
      {own && own !== kind && <span className="muted"> {own}</span>}
    </span>
  );
}

export function Took({ run }: { run: Run }) {
  const now = useNow(isOver(run) ? 3_600_000 : 1_000);
  const end = run.ended ? new Date(run.ended).getTime() : now;
  return <span className="nowrap">{duration(Math.max(0, end - new Date(run.started).getTime()))}</span>;
}

function NoRuns(props: { tenant: string; filters: Record<string, string>; read: number; more: boolean }) {
  const names = Object.entries(props.filters);
  if (names.length === 0)
    return (
      <Empty title="There are no runs yet">
        <p>
          Runs begin when an installed app's trigger fires.{" "}
          <Link to={`/t/${props.tenant}/apps`}>Find an app</Link>
        </p>
      </Empty>
    );
  return (
    <Empty title={props.more ? "No run here passes the filters" : "No run passes the filters"}>
      <p>
        {plural(props.read, "run")} looked at. The filters are{" "}
        {names.map(([name, value]) => (
          <span key={name} className="chip">
            {name}: {value}
          </span>
        ))}
      </p>
    </Empty>
  );
}

function Views(props: { tenant: string; filters: string; onChoose: (filters: string) => void }) {
  const [views, setViews] = useViews(props.tenant);
  const [name, setName] = useState<string | null>(null);
  return (
    <>
      <ActionMenu
        label="Views"
        entries={[
          ...views.map((one: SavedView) => ({
            id: `view-${one.name}`,
            label: one.name,
            onAction: () => props.onChoose(one.filters),
          })),
          {
            id: "keep",
            label: "Save these filters as a view…",
            onAction: () => setName(""),
            disabled: props.filters === "",
          },
          ...views.map((one: SavedView) => ({
            id: `remove-${one.name}`,
            label: `Remove “${one.name}”`,
            onAction: () => setViews(removeView(props.tenant, one.name)),
          })),
        ]}
      />
      {name !== null && (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) setViews(keepView(props.tenant, { name: name.trim(), filters: props.filters }));
            setName(null);
          }}
        >
          <input
            className="input"
            aria-label="The view's name"
            // biome-ignore lint/a11y/noAutofocus: the reader just asked for this field
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <button type="submit" className="button">
            Save
          </button>
        </form>
      )}
    </>
  );
}

// Fork many failed runs at once: first the count, then the job, with its progress.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { POLL } from "../api/poll";
import { AppField } from "../apps/app-field";
import { useTenant } from "../session/caller";
import { Action, CheckField, SelectField, TextField } from "../ui/controls";
import { count, plural, Time } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty, Loading, Notice, ProblemNotice } from "../ui/states";
import { Table } from "../ui/table";
import { useVersions } from "./fork";
import { useChange } from "./queries";
import { Status } from "./status";

type Job = Schemas["ForkJob"];
const FIELDS = [
  ["install", "Install", "pii-tagger"],
  ["workflow", "Workflow", "tag"],
  ["error", "Error", "Timeout"],
  ["fingerprint", "Failed in this way", ""],
  ["since", "Since", "2h"],
] as const;
const MOST = 1000;

export function BulkForks() {
  const tenant = useTenant();
  const [query, setQuery] = useSearchParams();
  const [version, setVersion] = useState("");
  const [dry, setDry] = useState(true);
  const filter: Record<string, string> = Object.fromEntries(
    ["app", ...FIELDS.map(([name]) => name)]
      .map((name) => [name, query.get(name) ?? ""])
      .filter(([, value]) => value),
  );
  const versions = useVersions(filter.app ?? "");
  const request = (count_only: boolean) =>
    answer(
      api.POST("/v1/tenants/{tenant}/fork-jobs", {
        params: { path: { tenant } },
        body: {
          filter,
          fork: { ...PLAIN, dry, ...(version ? { version } : {}) },
          limit: MOST,
          count_only,
          key: "",
        } as never,
      }),
    );
  const counted = useChange<undefined, Job>(tenant, () => request(true));
  const begun = useChange<undefined, Job>(tenant, () => request(false));
  const set = (name: string, value: string) => {
    counted.reset();
    setQuery((now) => {
      const next = new URLSearchParams(now);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  };
  const job = useJob(tenant, counted.data?.id ?? "").data;
  return (
    <div className="stack">
      <h1>Bulk forks</h1>
      <p className="muted">
        Failed runs that pass the filter are forked, each from where it failed. Runs whose fork succeeded are
        skipped.
      </p>
      <section className="card stack" aria-label="A new job">
        <div className="filters">
          <AppField tenant={tenant} value={filter.app ?? ""} onChange={(value) => set("app", value)} />
          {FIELDS.map(([name, label, example]) => (
            <TextField
              key={name}
              label={label}
              placeholder={example}
              value={query.get(name) ?? ""}
              onChange={(value) => set(name, value)}
            />
          ))}
          <SelectField
            label="Version"
            value={version}
            onChange={setVersion}
            options={[
              ["", "as each ran"],
              ...(versions.data ?? []).map((one): [string, string] => [one, one]),
            ]}
          />
        </div>
        <CheckField label="Dry: capture effects, and perform none" value={dry} onChange={setDry} />
        {counted.error && <ProblemNotice problem={counted.error} />}
        {begun.error && <ProblemNotice problem={begun.error} />}
        {counted.data && !job?.ended && <Loading rows={1} label="Counting" />}
        {job?.ended && (
          <Notice kind={dry ? "" : "warn"}>
            <strong>
              This touches {count(job.total)}
              {job.more ? " or more" : ""} runs.
            </strong>
            {!dry && " Their steps from the failure on run for real."}
            {Object.entries(job.skipped ?? {}).map(([why, number]) => (
              <div key={why}>
                {count(number)} skipped: {why}
              </div>
            ))}
          </Notice>
        )}
        <div className="row">
          <Action isDisabled={counted.isPending} onPress={() => counted.mutate(undefined)}>
            Count the runs
          </Action>
          <Action
            kind="primary"
            isDisabled={!job?.ended || job.total === 0 || begun.isPending}
            onPress={() => begun.mutate(undefined, { onSuccess: () => counted.reset() })}
          >
            {job ? `Fork ${plural(job.total, "run")}${dry ? ", dry" : ""}` : "Fork them"}
          </Action>
        </div>
      </section>
      <h2>Jobs</h2>
      <Jobs tenant={tenant} />
    </div>
  );
}

const PLAIN = {
  at: "",
  whole: false,
  waits: false,
  differing: "stop",
  accept: [],
  breakpoints: [],
  tags: [],
  key: "",
} as const;

function Jobs({ tenant }: { tenant: string }) {
  const pages = usePages([tenant, "fork-jobs"], (cursor) =>
    answer(
      api.GET("/v1/tenants/{tenant}/fork-jobs", {
        params: { path: { tenant }, query: { limit: 20, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  );
  return (
    <Pages
      query={pages}
      rows={(page) => page.jobs}
      empty={
        <Empty title="No job was begun yet">
          <p>Say above which failed runs to fork, count them, and begin.</p>
        </Empty>
      }
    >
      {(rows) => (
        <Table
          label="Fork jobs"
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            { title: "Begun", cell: (row) => <Time at={row.started} /> },
            { title: "Status", cell: (row) => <Status value={row.status} /> },
            { title: "Progress", cell: (row) => <JobProgress tenant={tenant} job={row} /> },
            {
              title: "Filter",
              cell: (row) =>
                Object.entries(row.request.filter ?? {})
                  .filter(([, value]) => value)
                  .map(([name, value]) => (
                    <span key={name} className="chip">
                      {name}: {String(value)}
                    </span>
                  )),
            },
          ]}
        />
      )}
    </Pages>
  );
}

/** A job, read again until it is over. */
function useJob(tenant: string, job: string) {
  return useQuery({
    queryKey: [tenant, "fork-job", job],
    queryFn: () =>
      answer(api.GET("/v1/tenants/{tenant}/fork-jobs/{job}", { params: { path: { tenant, job } } })),
    enabled: job !== "",
    refetchInterval: ({ state }) => (state.data?.ended ? false : POLL.job),
  });
}

type JobRow = Schemas["ForkJobPage"]["jobs"][number];

function JobProgress({ tenant, job }: { tenant: string; job: JobRow }) {
  const path = { tenant, job: job.id };
  const query = useJob(tenant, job.ended ? "" : job.id);
  const stop = useChange(tenant, () =>
    answer(api.POST("/v1/tenants/{tenant}/fork-jobs/{job}/stop", { params: { path } })),
  );
  const now = query.data ?? job;
  const rows = query.data?.rows ?? [];
  const over = now.forked + now.failed + Object.values(now.skipped ?? {}).reduce((sum, one) => sum + one, 0);
  return (
    <div>
      <progress
        max={Math.max(1, now.total)}
        value={Math.min(over, now.total)}
        aria-label={`Progress of job ${now.id}`}
      />{" "}
      {count(now.forked)} forked, {count(now.failed)} refused of {count(now.total)}
      {!now.ended && (
        <Action small onPress={() => stop.mutate(undefined)}>
          Stop
        </Action>
      )}
      {rows.length > 0 && (
        <details>
          <summary>The last {rows.length}</summary>
          <ul>
            {rows.map((row) => (
              <li key={row.run}>
                <Link to={`/t/${tenant}/runs/${row.run}`}>{row.run}</Link>{" "}
                {row.fork ? <Link to={`/t/${tenant}/runs/${row.fork}`}>its fork</Link> : row.what}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

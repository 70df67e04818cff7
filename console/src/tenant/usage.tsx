// What a tenant's apps use and cost, its budget, and its quotas.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useChange } from "../runs/queries";
import { useCan, useTenant } from "../session/caller";
import { Action, SelectField, TextField } from "../ui/controls";
import { Figure } from "../ui/figure";
import { bytes, capital, count } from "../ui/format";
import { Empty, Optional, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useSay } from "../ui/toasts";

const BY = ["app", "install", "version", "workflow", "step", "day"] as const;
type By = (typeof BY)[number];

export function Usage() {
  const tenant = useTenant();
  const can = useCan(`tenant/${tenant}`);
  const [query, setQuery] = useSearchParams();
  const by = (query.get("by") ?? "app") as By;
  const usage = useQuery({
    queryKey: [tenant, "usage", by],
    queryFn: () =>
      answer(api.GET("/v1/tenants/{tenant}/usage", { params: { path: { tenant }, query: { by } } })),
  });
  const days = useQuery({
    queryKey: [tenant, "usage", "day"],
    queryFn: () =>
      answer(api.GET("/v1/tenants/{tenant}/usage", { params: { path: { tenant }, query: { by: "day" } } })),
  });
  return (
    <div className="stack">
      <h1>Usage</h1>
      <Shown query={days} rows={2}>
        {(data) => (
          <>
            <dl className="figures">
              <Figure name="Cost" value={`$${data.dollars.toFixed(4)}`} />
              <Figure name="Runs" value={count(data.total?.runs ?? 0)} />
              <Figure name="Steps" value={count(data.total?.invocations ?? 0)} />
              <Figure
                name="Model tokens"
                value={count((data.total?.input_tokens ?? 0) + (data.total?.output_tokens ?? 0))}
              />
            </dl>
            <DayChart rows={data.rows} />
          </>
        )}
      </Shown>
      <div className="filters">
        <SelectField label="By" value={by} onChange={(value) => setQuery({ by: value })} options={[...BY]} />
      </div>
      <Shown query={usage}>
        {(data) =>
          data.rows.length === 0 ? (
            <Empty title="Nothing was used yet">
              <p>Runs, steps and model calls are counted when a run ends.</p>
            </Empty>
          ) : (
            <UsageTable by={by} report={data} />
          )
        }
      </Shown>
      <BudgetCard tenant={tenant} maySet={can("setBudget")} />
      <QuotaCard tenant={tenant} />
    </div>
  );
}

/** Runs of each day as bars; the table has the same as numbers. */
function DayChart({ rows }: { rows: Schemas["UsageRow"][] }) {
  const days = rows
    .filter((row) => row.day)
    .sort((one, other) => one.day.localeCompare(other.day))
    .slice(-31);
  const most = Math.max(1, ...days.map((row) => row.amount?.runs ?? 0));
  if (days.length < 2) return null;
  return (
    <div
      className="chart"
      role="img"
      aria-label={`Runs a day: ${days.map((row) => `${row.day} ${row.amount?.runs ?? 0}`).join(", ")}`}
    >
      {days.map((row) => (
        <i
          key={row.day}
          title={`${row.day}: ${row.amount?.runs ?? 0} runs`}
          style={{ height: `${((row.amount?.runs ?? 0) / most) * 100}%` }}
        />
      ))}
    </div>
  );
}

/** The parts that a row is about; `*` is all of them together. */
export function named(parts: string[]): string {
  return parts.filter((one) => one && one !== "*").join(" · ");
}

function UsageTable({ by, report }: { by: By; report: Schemas["UsageReport"] }) {
  return (
    <Table
      label={`Usage by ${by}`}
      rows={report.rows}
      rowKey={(row) => [row.app, row.install, row.version, row.workflow, row.step, row.day].join("|")}
      columns={[
        {
          title: capital(by),
          cell: (row) =>
            by === "day" ? row.day : named([row.app, row.install_name, row.version, row.workflow, row.step]),
        },
        { title: "Runs", number: true, cell: (row) => count(row.amount?.runs ?? 0) },
        { title: "Steps", number: true, cell: (row) => count(row.amount?.invocations ?? 0) },
        {
          title: "GB-seconds",
          number: true,
          small: "hide",
          cell: (row) => (row.amount?.gb_seconds ?? 0).toFixed(2),
        },
        {
          title: "Transitions",
          number: true,
          small: "hide",
          cell: (row) => count(row.amount?.transitions ?? 0),
        },
        { title: "Events", number: true, small: "hide", cell: (row) => count(row.amount?.events ?? 0) },
        {
          title: "Model",
          number: true,
          cell: (row) =>
            row.amount?.model_calls
              ? `${count(row.amount.input_tokens + row.amount.output_tokens)} tokens, $${row.amount.model_dollars.toFixed(4)}`
              : "–",
        },
      ]}
    />
  );
}

function BudgetCard({ tenant, maySet }: { tenant: string; maySet: boolean }) {
  const say = useSay();
  const [dollars, setDollars] = useState("");
  const query = useQuery({
    queryKey: [tenant, "budget"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/budget", { params: { path: { tenant } } })),
    retry: false,
  });
  const set = useChange(tenant, () =>
    answer(
      api.PUT("/v1/tenants/{tenant}/budget", {
        params: { path: { tenant } },
        body: { dollars: Number(dollars), notified: {} },
      }),
    ),
  );
  return (
    <section className="card stack" aria-label="Budget">
      <h2>Budget</h2>
      <Optional query={query} none="No budget is set.">
        {({ dollars: limit }) => `$${limit} a month. The tenant's alert is told at shares of it.`}
      </Optional>
      {maySet && (
        <form
          className="filters"
          onSubmit={(event) => {
            event.preventDefault();
            set.mutate(undefined, { onSuccess: () => say("The budget is set.") });
          }}
        >
          <TextField label="Dollars a month" type="number" value={dollars} onChange={setDollars} />
          <Action type="submit" isDisabled={!(Number(dollars) > 0) || set.isPending}>
            Set
          </Action>
        </form>
      )}
      {set.error && <ProblemNotice problem={set.error} />}
    </section>
  );
}

function QuotaCard({ tenant }: { tenant: string }) {
  const query = useQuery({
    queryKey: [tenant, "quotas"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/quotas", { params: { path: { tenant } } })),
  });
  return (
    <section className="card stack" aria-label="Quotas">
      <h2>Quotas</h2>
      <Shown query={query} rows={2}>
        {({ lines }) => (
          <Table
            label="Quotas"
            rows={lines}
            rowKey={(row) => row.install || "tenant"}
            columns={[
              { title: "Of", cell: (row) => row.install_name || "the tenant" },
              {
                title: "Runs under way",
                number: true,
                cell: (row) => `${count(row.runs_under_way)} of ${count(row.quotas.concurrent_runs)}`,
              },
              {
                title: "Parallel steps",
                number: true,
                cell: (row) => `${count(row.steps_under_way)} of ${count(row.quotas.parallel_steps)}`,
              },
              {
                title: "Step seconds today",
                number: true,
                cell: (row) =>
                  `${count(Math.round(row.step_seconds_today))} of ${count(row.quotas.step_seconds_per_day)}`,
              },
              {
                title: "Stored",
                number: true,
                cell: (row) => `${bytes(row.stored_bytes)} of ${bytes(row.quotas.storage_bytes)}`,
              },
            ]}
          />
        )}
      </Shown>
    </section>
  );
}

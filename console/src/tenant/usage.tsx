// What a tenant's apps use and cost, its budget, and its quotas.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { answer, api } from "../api/client";
import { useChange } from "../runs/queries";
import { useCan, useTenant } from "../session/caller";
import { Action, SelectField, TextField } from "../ui/controls";
import { Figure } from "../ui/figure";
import { bytes, count, dollars } from "../ui/format";
import { saveText } from "../ui/save";
import { Empty, Optional, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { useSay } from "../ui/toasts";
import type { UsageLine } from "../ui/usage-lines";
import { UsageTable } from "../ui/usage-table";

const BY = ["app", "install", "version", "workflow", "step", "day"] as const;
type By = (typeof BY)[number];

export function Usage() {
  const tenant = useTenant();
  const can = useCan(`tenant/${tenant}`);
  const [query, setQuery] = useSearchParams();
  const by = (query.get("by") ?? "app") as By;
  const span = { since: query.get("since") ?? "", until: query.get("until") ?? "" };
  const usage = useUsage(tenant, by, span);
  const days = useUsage(tenant, "day", span);
  const change = (name: string, value: string) =>
    setQuery((before) => {
      const next = new URLSearchParams(before);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  return (
    <div className="stack">
      <h1>Usage</h1>
      <div className="filters">
        <TextField
          label="From"
          type="date"
          value={span.since || (days.data?.since ?? "")}
          onChange={(value) => change("since", value)}
        />
        <TextField
          label="Until"
          type="date"
          value={span.until || (days.data?.until ?? "")}
          onChange={(value) => change("until", value)}
        />
        <SelectField label="By" value={by} onChange={(value) => change("by", value)} options={[...BY]} />
        <SaveCsv tenant={tenant} by={by} span={span} />
      </div>
      <Shown query={days} rows={2}>
        {(data) => (
          <>
            <dl className="figures">
              <Figure name="Cost, about" value={dollars(data.dollars)} />
              <Figure name="Runs" value={count(data.total?.runs ?? 0)} />
              <Figure name="Invocations" value={count(data.total?.invocations ?? 0)} />
              <Figure
                name="Model tokens"
                value={count((data.total?.input_tokens ?? 0) + (data.total?.output_tokens ?? 0))}
              />
            </dl>
            <DayChart rows={data.rows} />
          </>
        )}
      </Shown>
      <Shown query={usage}>
        {(data) =>
          data.rows.length === 0 ? (
            <Empty title="Nothing was used on these days">
              <p>Runs, steps and model calls are counted when a run ends.</p>
            </Empty>
          ) : (
            <UsageTable by={by} lines={data.rows} />
          )
        }
      </Shown>
      <BudgetCard tenant={tenant} maySet={can("setBudget")} />
      <QuotaCard tenant={tenant} />
    </div>
  );
}

interface Span {
  since: string;
  until: string;
}

/** Of this month, where no day is chosen. */
function useUsage(tenant: string, by: By, { since, until }: Span) {
  return useQuery({
    queryKey: [tenant, "usage", by, since, until],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/usage", {
          params: { path: { tenant }, query: { by, ...(since && { since }), ...(until && { until }) } },
        }),
      ),
    placeholderData: (before, query) => (query?.queryKey[2] === by ? before : undefined),
  });
}

function SaveCsv({ tenant, by, span }: { tenant: string; by: By; span: Span }) {
  const say = useSay();
  const { since, until } = span;
  const save = async () => {
    try {
      const text = await answer(
        api.GET("/v1/tenants/{tenant}/usage:csv", {
          params: { path: { tenant }, query: { by, ...(since && { since }), ...(until && { until }) } },
          parseAs: "text",
        }),
      );
      saveText(`usage-${tenant}-by-${by}.csv`, "text/csv", text);
    } catch (error) {
      say(<ProblemNotice problem={error as Error} />, "bad");
    }
  };
  return <Action onPress={() => void save()}>Save as CSV</Action>;
}

/** More bars than days of a quarter are no picture. */
const MOST_BARS = 92;

/** Runs of each day as bars; the table by day has the same as numbers. */
function DayChart({ rows }: { rows: UsageLine[] }) {
  const days = rows
    .filter((row) => row.day)
    .sort((one, other) => one.day.localeCompare(other.day))
    .slice(-MOST_BARS);
  const most = Math.max(1, ...days.map((row) => row.amount?.runs ?? 0));
  if (days.length < 2) return null;
  return (
    <div
      className={days.length > 31 ? "chart many" : "chart"}
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

function BudgetCard({ tenant, maySet }: { tenant: string; maySet: boolean }) {
  const say = useSay();
  const [amount, setAmount] = useState("");
  const spent = useUsage(tenant, "day", { since: "", until: "" }).data?.dollars ?? 0;
  const query = useQuery({
    queryKey: [tenant, "budget"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/budget", { params: { path: { tenant } } })),
    retry: false,
  });
  const set = useChange(tenant, () =>
    answer(
      api.PUT("/v1/tenants/{tenant}/budget", {
        params: { path: { tenant } },
        body: { dollars: Number(amount), notified: {} },
      }),
    ),
  );
  return (
    <section className="card stack" aria-label="Budget">
      <h2>Budget</h2>
      <Optional query={query} none="No budget is set.">
        {({ dollars: limit }) => (
          <>
            <p>
              {dollars(spent)} of {dollars(limit)} this month. The bus of the tenant gets{" "}
              <code>budget.reached</code> at 50, 80 and 100 percent.
            </p>
            <meter
              className="meter"
              aria-label="Spent of the budget"
              min={0}
              max={limit}
              high={limit * 0.8}
              optimum={0}
              value={Math.min(spent, limit)}
            />
          </>
        )}
      </Optional>
      {maySet && (
        <form
          className="filters"
          onSubmit={(event) => {
            event.preventDefault();
            set.mutate(undefined, { onSuccess: () => say("The budget is set.") });
          }}
        >
          <TextField label="Dollars a month" type="number" value={amount} onChange={setAmount} />
          <Action type="submit" isDisabled={!(Number(amount) > 0) || set.isPending}>
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

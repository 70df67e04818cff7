// A query over runs: the filters of the list as one text, and what passes counted in groups.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useTenant } from "../session/caller";
import { SelectField, TextField } from "../ui/controls";
import { Figure } from "../ui/figure";
import { capital, count, duration, plural, Time } from "../ui/format";
import { usePreferences } from "../ui/preferences";
import { Empty, Notice, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { byDay, filtersOf, type Group } from "./query-groups";

type Summary = Schemas["RunSummary"];
const FIELDS = [
  "status",
  "app",
  "install",
  "version",
  "workflow",
  "state",
  "error",
  "trigger",
  "tag",
  "title",
  "day",
  "hour",
];

export function QueryPage() {
  const tenant = useTenant();
  const { zone } = usePreferences();
  const [address, setAddress] = useSearchParams();
  const query = address.get("query") ?? "since:7d";
  const by = (address.get("by") ?? "status").split(",");
  const summary = useQuery({
    queryKey: [tenant, "query", query, by.join(), zone],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/runs:summary", {
          params: { path: { tenant }, query: { query, by: by.join(), zone } },
        }),
      ),
  });
  const set = (next: { query?: string; by?: string[] }) =>
    setAddress({ query: next.query ?? query, by: (next.by ?? by).join() });
  return (
    <div className="stack">
      <h1>Query runs</h1>
      <QueryForm key={query} query={query} onRun={(text) => set({ query: text })} />
      <GroupBy by={by} onChange={(next) => set({ by: next })} />
      <Shown query={summary}>
        {(data) =>
          data.total.runs === 0 ? (
            <Empty title="No run passes the query">
              <p>
                {plural(data.read, "run")} looked at. Ask for more: <code>since:30d</code>, or fewer words.
              </p>
            </Empty>
          ) : (
            <Groups tenant={tenant} query={query} summary={data} />
          )
        }
      </Shown>
    </div>
  );
}

function QueryForm({ query, onRun }: { query: string; onRun: (text: string) => void }) {
  const [text, setText] = useState(query);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onRun(text.trim());
      }}
    >
      <div className="query-line">
        <div>
          <TextField
            label="Query"
            value={text}
            onChange={setText}
            placeholder="status:failed app:acme/pii-tagger since:7d input.customer.id:42"
          />
        </div>
        <button type="submit" className="button primary">
          Run the query
        </button>
      </div>
      <p className="muted small">
        Words NAME:VALUE. Names: app, install, version, workflow, status, ended_badly, state, error, tag,
        since, until, longer, shorter, forks, dry, fingerprint, event, caused_by, input.PATH.
      </p>
    </form>
  );
}

/** Up to three fields; a path in the input is typed. */
function GroupBy({ by, onChange }: { by: string[]; onChange: (by: string[]) => void }) {
  const [path, setPath] = useState(by.find((one) => one.startsWith("input."))?.slice(6) ?? "");
  const at = (index: number, value: string) =>
    onChange([...by.slice(0, index), ...(value ? [value] : []), ...by.slice(index + 1)]);
  const options = (own: string | undefined): [string, string][] => [
    ["", "nothing more"],
    ...FIELDS.filter((one) => one === own || !by.includes(one)).map((one): [string, string] => [one, one]),
    ...by.filter((one) => one === own && one.startsWith("input.")).map((one): [string, string] => [one, one]),
  ];
  return (
    <section className="filters" aria-label="Groups">
      <SelectField
        label="Group by"
        value={by[0] ?? ""}
        onChange={(value) => value && at(0, value)}
        options={options(by[0]).slice(1)}
      />
      {[1, 2].map(
        (index) =>
          by.length >= index && (
            <SelectField
              key={index}
              label="then by"
              value={by[index] ?? ""}
              onChange={(value) => at(index, value)}
              options={options(by[index])}
            />
          ),
      )}
      {by.length < 3 && !by.some((one) => one.startsWith("input.")) && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (path.trim()) onChange([...by, `input.${path.trim()}`]);
          }}
        >
          <TextField label="or an input field" placeholder="customer.id" value={path} onChange={setPath} />
        </form>
      )}
    </section>
  );
}

function Groups({ tenant, query, summary }: { tenant: string; query: string; summary: Summary }) {
  const most = Math.max(1, ...summary.groups.map((group) => group.runs));
  return (
    <>
      <dl className="figures">
        <Figure name="Runs" value={count(summary.total.runs)} />
        <Figure name="Failed" value={count(summary.total.failed)} />
        <Figure name="Half took at most" value={seconds(summary.total.p50_s)} />
        <Figure name="95 % took at most" value={seconds(summary.total.p95_s)} />
        <Figure name="Longest" value={seconds(summary.total.longest_s)} />
      </dl>
      {!summary.whole && (
        <Notice kind="warn">
          {plural(summary.read, "run")} looked at, back to <Time at={summary.back_to} />. Older ones are not
          counted: name a <code>since</code> and an <code>until</code>.
        </Notice>
      )}
      {summary.by[0] === "day" && <DayBars groups={summary.groups} />}
      <Table
        label={`Runs by ${summary.by.join(", ")}`}
        rows={summary.groups}
        rowKey={(group) => group.keys.join("\n")}
        columns={[
          {
            title: capital(summary.by.join(" · ")),
            cell: (group) => <GroupName tenant={tenant} query={query} summary={summary} group={group} />,
          },
          {
            title: "Runs",
            number: true,
            cell: (group) => (
              <span className="share">
                <i style={{ width: `${(group.runs / most) * 100}%` }}>
                  <b className="bad-part" style={{ width: `${(group.failed / group.runs) * 100}%` }} />
                </i>
                {count(group.runs)}
              </span>
            ),
          },
          { title: "Failed", number: true, cell: (group) => count(group.failed) },
          { title: "Not over", number: true, small: "hide", cell: (group) => count(group.open) },
          { title: "Steps", number: true, small: "hide", cell: (group) => count(group.steps) },
          { title: "Half within", number: true, cell: (group) => seconds(group.p50_s) },
          { title: "95 % within", number: true, small: "hide", cell: (group) => seconds(group.p95_s) },
          { title: "Longest", number: true, small: "hide", cell: (group) => seconds(group.longest_s) },
        ]}
      />
      {summary.more_groups > 0 && (
        <p className="muted small">{plural(summary.more_groups, "smaller group")} left out.</p>
      )}
    </>
  );
}

/** The group's values; a link to its runs where the list has a filter for each. */
function GroupName(props: { tenant: string; query: string; summary: Summary; group: Group }) {
  const text = props.group.keys.map((key) => key || "(none)").join(" · ");
  const filters = filtersOf(props.query, props.summary.by, props.group.keys, props.summary.zone);
  if (filters === null) return <span>{text}</span>;
  return <Link to={`/t/${props.tenant}/runs?${filters}`}>{text}</Link>;
}

function DayBars({ groups }: { groups: Group[] }) {
  const days = byDay(groups);
  const most = Math.max(1, ...days.map((day) => day.runs));
  if (days.length < 2) return null;
  return (
    <div
      className="chart"
      role="img"
      aria-label={`Runs a day: ${days.map((day) => `${day.day} ${day.runs}`).join(", ")}`}
    >
      {days.map((day) => (
        <i
          key={day.day}
          title={`${day.day}: ${plural(day.runs, "run")}, ${day.failed} failed`}
          style={{ height: `${(day.runs / most) * 100}%` }}
        >
          <b className="bad-part" style={{ height: `${day.runs ? (day.failed / day.runs) * 100 : 0}%` }} />
        </i>
      ))}
    </div>
  );
}

function seconds(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : duration(value * 1000);
}

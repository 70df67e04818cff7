// Two runs side by side: what differs, from the version down to a field of a step's output.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { answer, api } from "../api/client";
import { useTenant } from "../session/caller";
import { Action, TextField } from "../ui/controls";
import { duration } from "../ui/format";
import { Empty, Shown } from "../ui/states";
import { Table } from "../ui/table";

export function DiffPage() {
  const tenant = useTenant();
  const [query, setQuery] = useSearchParams();
  const [a, b] = [query.get("a") ?? "", query.get("b") ?? ""];
  const [draft, setDraft] = useState({ a, b });
  return (
    <div className="stack">
      <h1>Compare two runs</h1>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          setQuery({ a: draft.a.trim(), b: draft.b.trim() });
        }}
      >
        <TextField wide label="Run" value={draft.a} onChange={(value) => setDraft({ ...draft, a: value })} />
        <TextField
          wide
          label="Compared with"
          value={draft.b}
          onChange={(value) => setDraft({ ...draft, b: value })}
        />
        <Action type="submit" kind="primary" isDisabled={!draft.a || !draft.b}>
          Compare
        </Action>
      </form>
      {a && b ? (
        <Differences key={a + b} tenant={tenant} a={a} b={b} />
      ) : (
        <Empty title="Choose two runs of one workflow" />
      )}
    </div>
  );
}

function Differences({ tenant, a, b }: { tenant: string; a: string; b: string }) {
  const query = useQuery({
    queryKey: [tenant, "diff", a, b],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/runs/{run}/diff", {
          params: { path: { tenant, run: a }, query: { other: b, whole: true } },
        }),
      ),
  });
  const side = (run: string, dry: boolean) => (
    <>
      <Link to={`/t/${tenant}/runs/${run}`}>{run}</Link> {dry && <span className="chip">dry</span>}
    </>
  );
  return (
    <Shown query={query}>
      {(diff) => (
        <>
          <p>
            {side(diff.a, diff.a_dry)} and {side(diff.b, diff.b_dry)}
          </p>
          {diff.differences.length === 0 ? (
            <Empty title="Nothing differs but the times">
              <p>Their version, path, inputs, outputs, effects and errors are the same.</p>
            </Empty>
          ) : (
            <Table
              label="Differences"
              rows={diff.differences}
              rowKey={(row) => [row.aspect, row.where, row.field].join(" ")}
              columns={[
                { title: "What", cell: (row) => <span className="chip">{row.aspect}</span> },
                {
                  title: "Where",
                  cell: (row) => (
                    <>
                      {row.where}
                      {row.field && (
                        <div>
                          <code>{row.field}</code>
                        </div>
                      )}
                    </>
                  ),
                },
                { title: diff.a, cell: (row) => <Value value={row.a} other={row.b} /> },
                { title: diff.b, cell: (row) => <Value value={row.b} other={row.a} /> },
              ]}
            />
          )}
          {diff.more > 0 && <p className="muted">{diff.more} more differences are not listed.</p>}
          {diff.timings.length > 0 && (
            <details>
              <summary>Times of {diff.timings.length} visits that both made</summary>
              <Table
                label="Times"
                rows={diff.timings}
                rowKey={(row) => row.where}
                columns={[
                  { title: "Visit", cell: (row) => row.where },
                  { title: diff.a, number: true, cell: (row) => duration(row.a_ms) },
                  {
                    title: diff.b,
                    number: true,
                    cell: (row) => (row.b_reused ? "reused" : duration(row.b_ms)),
                  },
                ]}
              />
            </details>
          )}
        </>
      )}
    </Shown>
  );
}

const LONG = 400;

/** A side of a difference; a long text is folded to where it differs. */
function Value({ value, other }: { value: unknown; other: unknown }) {
  if (value === null || value === undefined)
    return <span className="muted">{other === null || other === undefined ? "null" : "absent"}</span>;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  if (text.length <= LONG) return <code className="value">{text}</code>;
  return (
    <details>
      <summary>
        <code>{text.slice(0, 120)}…</code>
      </summary>
      <pre className="json">{text}</pre>
    </details>
  );
}

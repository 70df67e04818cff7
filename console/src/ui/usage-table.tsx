// A table of what was used: of a tenant, or of a publisher's app in all tenants.
import { capital, count, dollars } from "./format";
import { Table } from "./table";
import { type UsageLine, usageKey, usageLines, usageName } from "./usage-lines";

export function UsageTable({ by, lines }: { by: string; lines: UsageLine[] }) {
  const byDay = by === "day";
  return (
    <Table
      label={`Usage by ${by}`}
      rows={usageLines(lines, byDay)}
      rowKey={(row) => (byDay ? row.day : usageKey(row))}
      columns={[
        { title: capital(by), cell: (row) => (byDay ? row.day : usageName(row)) },
        { title: "Cost, about", number: true, cell: (row) => dollars(row.dollars ?? 0) },
        { title: "Runs", number: true, cell: (row) => count(row.amount?.runs ?? 0) },
        { title: "Invocations", number: true, cell: (row) => count(row.amount?.invocations ?? 0) },
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
          title: "Model tokens",
          number: true,
          small: "hide",
          cell: (row) =>
            row.amount?.model_calls ? count(row.amount.input_tokens + row.amount.output_tokens) : "–",
        },
      ]}
    />
  );
}

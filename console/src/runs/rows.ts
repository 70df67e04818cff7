// The rows of a waterfall: a row for each visit, items of a Map folded into one row with their counts.
import { count } from "../ui/format";
import type { Outline } from "./queries";

const FOLDED_FROM = 4;

export interface Row {
  key: string;
  name: string;
  status: string;
  begin: number;
  end: number;
  outline: Outline;
  /** The visits that a folded row stands for. */
  folded: Outline[];
}

/** One row a visit; visits of one state by many items of a Map are one row until it is opened. */
export function toRows(
  steps: Outline[],
  open: ReadonlySet<string>,
  totals: ReadonlyMap<string, number> = new Map(),
): Row[] {
  const byState = new Map<string, Outline[]>();
  for (const step of steps) {
    const group = byState.get(step.state);
    if (group) group.push(step);
    else byState.set(step.state, [step]);
  }
  const rows: Row[] = [];
  const done = new Set<string>();
  for (const step of steps) {
    if (done.has(step.state)) continue;
    const group = byState.get(step.state) ?? [];
    if (group.length < FOLDED_FROM || typeof step.index !== "number") {
      rows.push(toRow(step));
      continue;
    }
    done.add(step.state);
    const items = group.filter((one) => typeof one.index === "number");
    const key = `fold ${step.state}`;
    rows.push(foldedRow(key, step, items, totals.get(step.state)));
    if (open.has(key)) rows.push(...items.map(toRow));
  }
  return rows;
}

function toRow(step: Outline): Row {
  const begin = new Date(step.started).getTime();
  const item = typeof step.index === "number" ? `[${step.index}]` : "";
  const attempt = step.attempt > 0 ? ` attempt ${step.attempt + 1}` : "";
  return {
    key: step.key,
    name: `${step.state}${item}${attempt}`,
    status: step.reused && step.status === "succeeded" ? "reused" : step.status,
    begin,
    end: step.ended ? new Date(step.ended).getTime() : begin + step.duration_ms,
    outline: step,
    folded: [],
  };
}

function foldedRow(key: string, first: Outline, items: Outline[], total: number | undefined): Row {
  const rows = items.map(toRow);
  const failed = items.filter((one) => one.status === "failed").length;
  const more = total !== undefined && total > items.length ? ` of ${count(total)}` : "";
  const busy = items.filter((one) => one.status === "started").length;
  return {
    key,
    name: `${first.state} × ${count(items.length)}${more}${failed ? `, ${count(failed)} failed` : ""}`,
    status: busy ? "started" : failed ? "failed" : "succeeded",
    begin: rows.reduce((least, row) => Math.min(least, row.begin), Number.POSITIVE_INFINITY),
    end: rows.reduce((most, row) => Math.max(most, row.end), 0),
    outline: first,
    folded: items,
  };
}

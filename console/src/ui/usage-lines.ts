// What was used in a span of days, summed over the days: a report has a line for each day.
import type { Schemas } from "../api/client";

export type UsageLine = Schemas["UsageLine"];
type Amounts = keyof Schemas["Amount"];

/** A line for each day of the report, or one for all of its days: the dearest first, days in their order. */
export function usageLines(lines: UsageLine[], byDay: boolean): UsageLine[] {
  if (byDay) return [...lines].sort((one, other) => one.day.localeCompare(other.day));
  const sums = new Map<string, UsageLine>();
  for (const line of lines) {
    const key = usageKey(line);
    const known = sums.get(key);
    sums.set(key, known ? plus(known, line) : line);
  }
  return [...sums.values()].sort((one, other) => (other.dollars ?? 0) - (one.dollars ?? 0));
}

export function usageKey(line: UsageLine): string {
  return JSON.stringify([line.app, line.install, line.version, line.workflow, line.step]);
}

/** The parts that a line is about; `*` is all of them together. */
export function usageName(line: UsageLine): string {
  const parts = [line.app, line.install_name, line.version, line.workflow, line.step];
  return parts.filter((one) => one && one !== "*").join(" · ");
}

function plus(one: UsageLine, other: UsageLine): UsageLine {
  const amount = { ...one.amount } as Record<Amounts, number>;
  for (const [name, value] of Object.entries(other.amount ?? {})) {
    amount[name as Amounts] = (amount[name as Amounts] ?? 0) + value;
  }
  return { ...one, amount, dollars: (one.dollars ?? 0) + (other.dollars ?? 0) };
}

// Groups of a query, without React: days without a run between others, and the list's filters for a group.
import type { Schemas } from "../api/client";

export type Group = Schemas["RunGroup"];
export interface Day {
  day: string;
  runs: number;
  failed: number;
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 366;
/** The API cuts a value of the input, as the name of a group, to so many characters. */
const NAME_CHARS = 80;
const WORD = /([\w.[\]]+):(?:"([^"]*)"|(\S+))/g;
const SAME = new Set(["app", "install", "version", "workflow", "status", "state", "error", "tag"]);

/** Each day from the first to the last, the newest ones where there are very many. */
export function byDay(groups: Group[]): Day[] {
  const days = new Map<string, Day>();
  for (const group of groups) {
    const name = group.keys[0] ?? "";
    const day = days.get(name) ?? { day: name, runs: 0, failed: 0 };
    days.set(name, { day: name, runs: day.runs + group.runs, failed: day.failed + group.failed });
  }
  const names = [...days.keys()].sort();
  const first = Date.parse(names[0] ?? "");
  const last = Date.parse(names.at(-1) ?? "");
  if (Number.isNaN(first) || Number.isNaN(last)) return [];
  const from = Math.max(first, last - (MOST_DAYS - 1) * DAY_MS);
  return Array.from({ length: Math.round((last - from) / DAY_MS) + 1 }, (_, index) => {
    const name = new Date(from + index * DAY_MS).toISOString().slice(0, 10);
    return days.get(name) ?? { day: name, runs: 0, failed: 0 };
  });
}

/** The address of the list of a group's runs; null where the list has no filter for a value, or the value is cut. */
export function filtersOf(query: string, by: string[], keys: string[]): string | null {
  const filters = new URLSearchParams();
  for (const [, name = "", quoted, plain] of query.matchAll(WORD)) {
    const value = quoted ?? plain ?? "";
    if (name.startsWith("input.")) filters.set("input", `${name.slice(6)}=${value}`);
    else filters.set(name, value);
  }
  for (const [index, name] of by.entries()) {
    const value = keys[index] ?? "";
    const ofInput = name.startsWith("input.");
    if (value === "" || (ofInput && value.length >= NAME_CHARS)) return null;
    if (ofInput && !filters.has("input")) filters.set("input", `${name.slice(6)}=${value}`);
    else if (SAME.has(name)) filters.set(name, value);
    else return null;
  }
  return filters.toString();
}

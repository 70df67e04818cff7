// Groups of a query, without React: days without a run between others, and the list's filters for a group.
import type { Schemas } from "../api/client";

export type Group = Schemas["RunGroup"];
export interface Day {
  day: string;
  runs: number;
  failed: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNITS_MS: Record<string, number> = { s: 1000, m: 60_000, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };
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
export function filtersOf(
  query: string,
  by: string[],
  keys: string[],
  zone: string,
  now = Date.now(),
): string | null {
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
    else if (name === "day" || name === "hour") narrow(filters, spanOf(value, zone), now);
    else return null;
  }
  return filters.toString();
}

/** The first and the last millisecond of a day in a zone, or of an hour with its offset (`2026-01-31T14:00+0100`). */
export function spanOf(value: string, zone: string): [number, number] {
  if (value.includes("T")) {
    const begin = Date.parse(value.replace(/(\d\d)$/, ":$1"));
    return [begin, begin + HOUR_MS - 1];
  }
  const midnight = Date.parse(value);
  return [inZone(midnight, zone), inZone(midnight + DAY_MS, zone) - 1];
}

/** When a zone's clocks show a time, which is written as if it were UTC. */
function inZone(shown: number, zone: string): number {
  // The second look is for a day on which the clocks change between the two.
  const near = shown - offset(shown, zone);
  return shown - offset(near, zone);
}

function offset(at: number, zone: string): number {
  const format = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const parts = new Map(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
  const of = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const shown = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return shown - Math.floor(at / 1000) * 1000;
}

/** Let the list begin and end with a span, where the query's own times do not cut it. */
function narrow(filters: URLSearchParams, [begin, end]: [number, number], now: number): void {
  const since = moment(filters.get("since"), now);
  const until = moment(filters.get("until"), now);
  if (since === null || since < begin) filters.set("since", new Date(begin).toISOString());
  if (until === null || until > end) filters.set("until", new Date(end).toISOString());
}

/** A time of a query in milliseconds: RFC 3339, or a span back from now such as 7d. */
function moment(text: string | null, now: number): number | null {
  const [, number, unit] = text?.match(/^(\d+)([smhdw])$/) ?? [];
  if (number && unit) return now - Number(number) * (UNITS_MS[unit] ?? 0);
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
}

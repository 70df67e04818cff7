// The stages of a state's data flow in plain words, and what changes from one to the next.
import type { Schemas } from "../api/client";

export type StateFlow = Schemas["StateFlow"];

export interface Change {
  kind: "new" | "changed" | "gone";
  /** Names and positions that lead to it, joined by dots; empty for the whole value. */
  at: string;
}

export interface StageView {
  key: string;
  name: string;
  about: string;
  value: unknown;
  /** Bytes of a value that is left out. */
  large: number | undefined;
  /** What differs from the stage before it; undefined where it follows from none. */
  changes: Change[] | undefined;
}

/** More changes than a reader looks at. */
export const LISTED = 50;

const WORKER: Record<string, string> = { Map: "its items", Parallel: "its branches" };

interface Side {
  value: unknown;
  known: boolean;
}

/** The stages that a state has, from its input to what it hands on. */
export function toStages(flow: StateFlow): StageView[] {
  const large = flow.large ?? {};
  const input: Side = { value: flow.input, known: !("input" in large) };
  const stages: StageView[] = [];
  const add = (name: string, about: string, side: Side, before: Side | undefined, size?: number) =>
    stages.push({
      key: `${stages.length} ${name}`,
      name,
      about,
      value: side.value,
      large: size,
      changes: before?.known && side.known ? changes(before.value, side.value) : undefined,
    });
  add("Input", "what the state got", input, undefined, large.input);
  let last = input;
  let result: Side | undefined;
  for (const { name, value } of flow.stages) {
    const side: Side = { value, known: !(name in large && value === null) };
    add(name, aboutOf(name, flow), side, baseOf(name, { input, last, result }), large[name]);
    if (name === "Result") result = side;
    if (name !== "Assign" && !ITEMS.includes(name)) last = side;
  }
  if (isHandedOn(flow))
    add(
      "Handed on",
      flow.next ? `what ${flow.next} gets` : "what the state answered",
      { value: flow.output, known: !("output" in large) },
      last,
      large.output,
    );
  return stages;
}

const ITEMS = ["ItemsPath", "Items"];

/** A state that failed for good, or that goes on, hands on nothing. */
function isHandedOn(flow: StateFlow): boolean {
  return flow.over && !(flow.error && !flow.next);
}

function aboutOf(name: string, flow: StateFlow): string {
  const worker = WORKER[flow.type];
  switch (name) {
    case "InputPath":
      return "the part of the input that it takes";
    case "Parameters":
    case "Arguments":
      return worker ? `what is made of it for ${worker}` : "what is made of it for the step";
    case "ItemsPath":
    case "Items":
      return "the items that it goes through";
    case "Result":
      return worker ? `what ${worker} answered` : "what the step answered";
    case "ResultSelector":
      return "what is kept of the result";
    case "ResultPath":
      return flow.error ? "the input with the error in its place" : "the input with the result in its place";
    case "OutputPath":
      return "the part of it that goes on";
    case "Output":
      return "what is made of all this for the next state";
    case "Assign":
      return "variables that later states can read";
    default:
      return "";
  }
}

/** The value that a stage is made of. */
function baseOf(name: string, seen: { input: Side; last: Side; result: Side | undefined }): Side | undefined {
  switch (name) {
    case "Assign":
    case "ItemsPath":
    case "Items":
    case "Result":
      return undefined;
    case "ResultPath":
      return seen.input;
    case "Output":
      return seen.result ?? seen.input;
    default:
      return seen.last;
  }
}

/** What differs between two values, from the outside in: a whole part that is new or gone is one change. */
export function changes(before: unknown, after: unknown): Change[] {
  const rows: Change[] = [];
  compare(before, after, [], rows);
  return rows;
}

function compare(before: unknown, after: unknown, at: string[], rows: Change[]): void {
  if (rows.length > LISTED || Object.is(before, after)) return;
  const [old, now] = [partsOf(before), partsOf(after)];
  if (old === undefined || now === undefined || Array.isArray(before) !== Array.isArray(after)) {
    rows.push({ kind: "changed", at: at.join(".") });
    return;
  }
  if (at.length === 0 && old.size > 0 && now.size > 0 && ![...now.keys()].some((key) => old.has(key))) {
    rows.push({ kind: "changed", at: "" });
    return;
  }
  for (const [key, value] of now) {
    if (old.has(key)) compare(old.get(key), value, [...at, key], rows);
    else rows.push({ kind: "new", at: [...at, key].join(".") });
  }
  for (const key of old.keys()) if (!now.has(key)) rows.push({ kind: "gone", at: [...at, key].join(".") });
}

/** The parts of an object or a list; undefined for any other value. */
function partsOf(value: unknown): Map<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}

/** `2 new, 1 gone`; empty where there is nothing to compare with. */
export function changeText(rows: Change[] | undefined): string {
  if (rows === undefined) return "";
  if (rows.length === 0) return "the same as before";
  if (rows.length === 1 && rows[0]?.at === "") return "another value";
  const number = (kind: Change["kind"]) => rows.filter((row) => row.kind === kind).length;
  const parts = (["new", "changed", "gone"] as const).map((kind) => [number(kind), kind] as const);
  return parts
    .filter(([many]) => many > 0)
    .map(([many, kind]) => `${many > LISTED ? `over ${LISTED}` : many} ${kind}`)
    .join(", ");
}

/** Where an entry into a state is: `Each[2] › Copy`. */
export function placeText(flow: StateFlow): string {
  const parts: string[] = [];
  for (let at = 0; at < flow.path.length - 1; at += 2)
    parts.push(`${flow.path[at]}${(flow.path[at + 1] ?? "").replace("{", " branch ").replace("}", "")}`);
  return [...parts, flow.state].join(" › ");
}

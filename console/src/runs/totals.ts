// How many items the Map around each state has, where that is known while it goes on.
import { count } from "../ui/format";
import type { GraphState, RunGraph } from "./queries";

/** By state: the items of the innermost Map around it. */
export function itemTotals(graph: RunGraph | undefined): ReadonlyMap<string, number> {
  const states = new Map(graph?.states.map((state) => [state.name, state]));
  const totals = new Map<string, number>();
  for (const state of states.values()) {
    let around = states.get(state.container);
    while (around && around.kind !== "Map") around = states.get(around.container);
    const total = around?.items?.total;
    if (typeof total === "number") totals.set(state.name, total);
  }
  return totals;
}

/** `12 of 300 items, 1 failed`; without a total, how many have begun. */
export function itemText(items: NonNullable<GraphState["items"]>): string {
  const failed = items.failed ? `, ${count(items.failed)} failed` : "";
  const all = typeof items.total === "number" ? `${count(items.total)} items` : `${count(items.begun)} begun`;
  return `${count(items.ended)} of ${all}${failed}`;
}

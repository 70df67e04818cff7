import { describe, expect, it } from "vitest";
import type { RunGraph } from "./queries";
import { itemText, itemTotals } from "./totals";

function state(name: string, kind: string, container = "", items: object | null = null) {
  return { name, kind, container, items };
}

function graph(...states: object[]): RunGraph {
  return { states } as unknown as RunGraph;
}

describe("totals of Maps", () => {
  it("are those of the innermost Map around a state, also through a Parallel", () => {
    const totals = itemTotals(
      graph(
        state("Each", "Map", "", { total: 300, begun: 12, ended: 12, failed: 0 }),
        state("Both", "Parallel", "Each"),
        state("Left", "Task", "Both"),
        state("Deep", "Map", "Each", { total: null, begun: 2, ended: 0, failed: 0 }),
        state("Cell", "Task", "Deep"),
        state("Save", "Task"),
      ),
    );
    expect([...totals]).toEqual([
      ["Both", 300],
      ["Left", 300],
      ["Deep", 300],
    ]);
  });

  it("are absent without a graph", () => {
    expect(itemTotals(undefined).size).toBe(0);
  });

  it("say how many begun where the total is not known", () => {
    expect(itemText({ total: 300, begun: 20, ended: 12, failed: 1 })).toBe("12 of 300 items, 1 failed");
    expect(itemText({ total: null, begun: 20, ended: 12, failed: 0 })).toBe("12 of 20 begun");
  });
});

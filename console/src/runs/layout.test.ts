import { describe, expect, it } from "vitest";
import { layout } from "./layout";
import type { RunGraph } from "./queries";

function graphOf(states: [string, string][], edges: [string, string][]): RunGraph {
  return {
    states: states.map(([name, container]) => ({ name, container, kind: "Task", status: "succeeded" })),
    edges: edges.map(([source, target]) => ({ source, target, kind: "next", label: "" })),
  } as unknown as RunGraph;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function apart(one: Box, other: Box): boolean {
  return (
    one.x + one.width <= other.x ||
    other.x + other.width <= one.x ||
    one.y + one.height <= other.y ||
    other.y + other.height <= one.y
  );
}

function holds(outer: Box, inner: Box): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

const NESTED: [string, string][] = [
  ["start", ""],
  ["each", ""],
  ["both", "each"],
  ["left", "both"],
  ["right", "both"],
  ["after", "each"],
  ["choose", ""],
  ["yes", ""],
  ["no", ""],
  ["end", ""],
];
const WAYS: [string, string][] = [
  ["start", "each"],
  ["both", "after"],
  ["each", "choose"],
  ["choose", "yes"],
  ["choose", "no"],
  ["yes", "end"],
  ["no", "end"],
  ["no", "start"],
];

describe("the layout of a graph", () => {
  it("keeps states apart, and those of a container in it", () => {
    const { boxes } = layout(graphOf(NESTED, WAYS));
    for (const [name, container] of NESTED) {
      const box = boxes.get(name) as Box;
      if (container) expect(holds(boxes.get(container) as Box, box), name).toBe(true);
      for (const [other, around] of NESTED)
        if (other !== name && around === container)
          expect(apart(box, boxes.get(other) as Box), `${name}, ${other}`).toBe(true);
    }
  });

  it("has a way for each edge, a loop too", () => {
    const { ways } = layout(graphOf(NESTED, WAYS));
    expect(ways.size).toBe(WAYS.length);
    for (const way of ways.values()) expect(way.points.length).toBeGreaterThan(1);
  });

  it("takes a graph without edges, and one without states", () => {
    expect(layout(graphOf([["only", ""]], [])).boxes.size).toBe(1);
    expect(layout(graphOf([], [])).boxes.size).toBe(0);
  });
});

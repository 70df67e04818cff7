import { describe, expect, it } from "vitest";
import { applyPatch, equal, mergePatch } from "./merge-patch";

/** The same numbers each time: a failure can be looked at again. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

function value(next: () => number, depth: number): unknown {
  const kind = Math.floor(next() * (depth > 0 ? 7 : 5));
  if (kind === 0) return null;
  if (kind === 1) return next() < 0.5;
  if (kind === 2) return Math.floor(next() * 4);
  if (kind === 3) return ["", "a", "null"][Math.floor(next() * 3)];
  if (kind === 4) return Array.from({ length: Math.floor(next() * 3) }, () => value(next, 0));
  const names = ["a", "b", "constructor", "__proto__"].filter(() => next() < 0.6);
  return Object.fromEntries(names.map((name) => [name, value(next, depth - 1)]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const pairs = Object.entries(value).map(([name, part]): [string, unknown] => [name, sorted(part)]);
  return Object.fromEntries(pairs.sort(([one], [other]) => (one < other ? -1 : 1)));
}

describe("a merge patch", () => {
  it("makes the edit of the value, or says that it can't", () => {
    const next = numbers(20_261_127);
    let right = 0;
    for (let round = 0; round < 2_000; round++) {
      const [before, after] = [value(next, 3), value(next, 3)];
      const { patch, wrong } = mergePatch(before, after);
      if (wrong === "") {
        right++;
        expect(JSON.stringify(sorted(applyPatch(before, patch)))).toBe(JSON.stringify(sorted(after)));
      } else expect(JSON.stringify(after)).toContain("null");
    }
    expect(right).toBeGreaterThan(1_000);
  });

  it("has only what changed", () => {
    const { patch } = mergePatch({ a: 1, b: { c: 2, d: 3 }, e: [1] }, { a: 1, b: { c: 4 }, e: [1] });
    expect(patch).toEqual({ b: { c: 4, d: null } });
  });

  it("refuses to set a member to null", () => {
    expect(mergePatch({ a: 1 }, { a: null }).wrong).toContain("null");
    expect(mergePatch({ a: null }, { a: null, b: 1 })).toEqual({ patch: { b: 1 }, wrong: "" });
  });

  it("leaves the value that it is applied to", () => {
    const before = { a: { b: 1 } };
    applyPatch(before, { a: { b: 2 } });
    expect(before).toEqual({ a: { b: 1 } });
  });
});

describe("equal values", () => {
  it("do not depend on the order of members", () => {
    expect(equal({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true);
    expect(equal({ a: undefined }, { b: undefined })).toBe(false);
    expect(equal([1, 2], [2, 1])).toBe(false);
  });
});

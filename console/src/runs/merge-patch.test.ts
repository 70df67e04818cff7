import { expect, test } from "vitest";
import { applyPatch, mergePatch } from "./merge-patch";

const VALUES: unknown[] = [
  1,
  "a",
  true,
  [],
  [1, { a: 1 }],
  {},
  { a: 1 },
  { a: { b: [1, 2], c: "x" }, d: null },
  { a: { b: 1 } },
  null,
];

test("a patch makes the one value the other, or says why it can't", () => {
  for (const before of VALUES)
    for (const after of VALUES) {
      const { patch, wrong } = mergePatch(before, after);
      if (wrong === "") expect(applyPatch(before, patch)).toEqual(after);
      else expect(JSON.stringify(after)).toContain("null");
    }
});

test("a patch holds what changed alone", () => {
  expect(mergePatch({ a: 1, b: { c: 2, d: 3 }, e: 4 }, { a: 1, b: { c: 2, d: 5 } }).patch).toEqual({
    b: { d: 5 },
    e: null,
  });
});

test("a member can't be set to null", () => {
  expect(mergePatch({ a: 1 }, { a: null }).wrong).not.toBe("");
});

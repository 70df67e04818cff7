import { describe, expect, it } from "vitest";
import type { Outline } from "./queries";
import { toRows } from "./rows";

function visit(state: string, index: number | null, status = "succeeded", at = 0): Outline {
  return {
    key: `${state}#${index ?? ""}#${at}`,
    state,
    index,
    status,
    attempt: 0,
    reused: "",
    summary: "",
    started: new Date(1_764_200_000_000 + at).toISOString(),
    ended: new Date(1_764_200_000_000 + at + 10).toISOString(),
    duration_ms: 10,
  } as unknown as Outline;
}

describe("rows of the steps", () => {
  it("say how many items are still to come", () => {
    const items = Array.from({ length: 12 }, (_, index) => visit("work", index));
    const names = (total: number) =>
      toRows(items, new Set(), new Map([["work", total]])).map((row) => row.name);
    expect(names(300)).toEqual(["work × 12 of 300"]);
    expect(names(12)).toEqual(["work × 12"]);
  });

  it("fold 4,000 items of one state into one row with their counts", () => {
    const items = Array.from({ length: 4_000 }, (_, index) =>
      visit("work", index, index % 1_000 ? "succeeded" : "failed", index),
    );
    const rows = toRows([visit("first", null), ...items, visit("last", null)], new Set());
    expect(rows.map((row) => row.name)).toEqual(["first", "work × 4,000, 4 failed", "last"]);
    expect(rows[1]?.status).toBe("failed");
    expect(rows[1]?.folded).toHaveLength(4_000);
    expect((rows[1]?.end ?? 0) - (rows[1]?.begin ?? 0)).toBe(4_009);
  });

  it("show the items of a row that is open, each with a key of its own", () => {
    const items = Array.from({ length: 4_000 }, (_, index) => visit("work", index));
    const rows = toRows(items, new Set(["fold work"]));
    expect(rows).toHaveLength(4_001);
    expect(new Set(rows.map((row) => row.key)).size).toBe(4_001);
    expect(rows[4_000]?.name).toBe("work[3999]");
  });

  it("do not fold a few items, nor visits of a loop", () => {
    expect(
      toRows(
        [0, 1, 2].map((index) => visit("work", index)),
        new Set(),
      ),
    ).toHaveLength(3);
    expect(
      toRows(
        Array.from({ length: 9 }, (_, at) => visit("poll", null, "succeeded", at)),
        new Set(),
      ),
    ).toHaveLength(9);
  });

  it("say that a folded row goes on while one item does", () => {
    const items = [0, 1, 2, 3].map((index) => visit("work", index, index === 3 ? "started" : "failed"));
    expect(toRows(items, new Set())[0]?.status).toBe("started");
  });
});

import { describe, expect, test } from "vitest";
import { byDay, filtersOf, type Group } from "./query-groups";

const group = (keys: string[], runs: number, failed = 0): Group => ({
  keys,
  runs,
  failed,
  open: 0,
  steps: 0,
});

describe("days of a query", () => {
  test("a day without a run stands between two that have some", () => {
    const days = byDay([
      group(["2026-02-27", "a"], 2, 1),
      group(["2026-03-01", "a"], 1),
      group(["2026-02-27", "b"], 3),
    ]);
    expect(days).toEqual([
      { day: "2026-02-27", runs: 5, failed: 1 },
      { day: "2026-02-28", runs: 0, failed: 0 },
      { day: "2026-03-01", runs: 1, failed: 0 },
    ]);
  });
  test("nothing is drawn of groups that are no days", () => {
    expect(byDay([group(["failed"], 2)])).toEqual([]);
    expect(byDay([])).toEqual([]);
  });
});

describe("the list of a group's runs", () => {
  test("has the query's filters and the group's own", () => {
    const address = filtersOf(
      'since:7d error:"My Error" input.a.b:4',
      ["app", "status"],
      ["acme/x", "failed"],
    );
    expect(new URLSearchParams(address ?? "")).toEqual(
      new URLSearchParams({
        since: "7d",
        error: "My Error",
        input: "a.b=4",
        app: "acme/x",
        status: "failed",
      }),
    );
  });
  test("is not there where a value is absent, or the list has no such filter", () => {
    expect(filtersOf("", ["app", "state"], ["acme/x", ""])).toBeNull();
    expect(filtersOf("", ["title"], ["Order 7"])).toBeNull();
    expect(filtersOf("", ["input.note"], ["x".repeat(80)])).toBeNull();
    expect(filtersOf("", ["error"], ["X".repeat(80)])).toBe(`error=${"X".repeat(80)}`);
    expect(filtersOf("input.a:1", ["input.b"], ["2"])).toBeNull();
  });
});

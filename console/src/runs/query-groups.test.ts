import { describe, expect, test } from "vitest";
import { byDay, filtersOf, type Group, spanOf } from "./query-groups";

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
      "UTC",
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
    expect(filtersOf("", ["app", "state"], ["acme/x", ""], "UTC")).toBeNull();
    expect(filtersOf("", ["title"], ["Order 7"], "UTC")).toBeNull();
    expect(filtersOf("", ["input.note"], ["x".repeat(80)], "UTC")).toBeNull();
    expect(filtersOf("", ["error"], ["X".repeat(80)], "UTC")).toBe(`error=${"X".repeat(80)}`);
    expect(filtersOf("input.a:1", ["input.b"], ["2"], "UTC")).toBeNull();
  });
  test("of a day begins and ends with it, where the query does not do so before", () => {
    const now = Date.parse("2026-03-03T12:00:00Z");
    const list = (query: string, day: string) =>
      Object.fromEntries(new URLSearchParams(filtersOf(query, ["day"], [day], "UTC", now) ?? ""));
    expect(list("app:acme/x", "2026-03-01")).toEqual({
      app: "acme/x",
      since: "2026-03-01T00:00:00.000Z",
      until: "2026-03-01T23:59:59.999Z",
    });
    expect(list("since:7d", "2026-02-24").since).toBe("7d");
    expect(list("since:7d", "2026-02-25").since).toBe("2026-02-25T00:00:00.000Z");
    const until = "2026-03-01T06:00:00Z";
    expect(list(`until:${until}`, "2026-03-01").until).toBe(until);
  });
  test("of a day is that of the zone, also where its clocks change", () => {
    const span = (value: string, zone: string) => spanOf(value, zone).map((at) => new Date(at).toISOString());
    const berlin = "Europe/Berlin";
    expect(span("2026-01-31", berlin)).toEqual(["2026-01-30T23:00:00.000Z", "2026-01-31T22:59:59.999Z"]);
    expect(span("2026-03-29", berlin)).toEqual(["2026-03-28T23:00:00.000Z", "2026-03-29T21:59:59.999Z"]);
    expect(span("2026-10-25", berlin)).toEqual(["2026-10-24T22:00:00.000Z", "2026-10-25T22:59:59.999Z"]);
    expect(span("2026-01-31", "Asia/Kathmandu")[0]).toBe("2026-01-30T18:15:00.000Z");
    expect(span("2026-01-31T14:00+0100", berlin)).toEqual([
      "2026-01-31T13:00:00.000Z",
      "2026-01-31T13:59:59.999Z",
    ]);
  });
});

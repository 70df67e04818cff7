import { expect, test } from "vitest";
import { type UsageLine, usageLines, usageName } from "./usage-lines";

function line(app: string, day: string, runs: number, dollars: number): UsageLine {
  const all = { install: "*", install_name: "*", version: "*", workflow: "*", step: "*" };
  return { app, day, dollars, ...all, amount: { runs, gb_seconds: runs / 2 } } as UsageLine;
}

test("days of one app are one line, the dearest app first", () => {
  const lines = [
    line("a/b", "2026-11-01", 1, 0.1),
    line("c/d", "2026-11-01", 4, 2),
    line("a/b", "2026-11-02", 2, 0.3),
  ];
  const sums = usageLines(lines, false);
  expect(sums.map(usageName)).toEqual(["c/d", "a/b"]);
  expect(sums[1]?.amount).toMatchObject({ runs: 3, gb_seconds: 1.5 });
  expect(sums[1]?.dollars).toBeCloseTo(0.4);
  expect(lines[0]?.amount?.runs).toBe(1);
});

test("days stay apart and in their order", () => {
  const lines = [line("*", "2026-11-02", 2, 9), line("*", "2026-11-01", 1, 1)];
  expect(usageLines(lines, true).map((one) => one.day)).toEqual(["2026-11-01", "2026-11-02"]);
});

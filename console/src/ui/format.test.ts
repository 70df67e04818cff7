import { describe, expect, it } from "vitest";
import { bytes, count, dollars, duration, plural } from "./format";

describe("a duration", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_000, "1.0 s"],
    [9_949, "9.9 s"],
    [59_400, "59 s"],
    [60_000, "1 min 0 s"],
    [3_600_000, "1 h 0 min"],
    [48 * 3_600_000, "2 d 0 h"],
  ])("of %d ms is %s", (ms, text) => expect(duration(ms)).toBe(text));

  it("never says 60 s", () => {
    for (let ms = 0; ms < 4_000_000; ms += 50) expect(duration(ms)).not.toMatch(/(^| )(60 s|60 min|10\.0 s)/);
  });
});

describe("a count", () => {
  it("has groups of three, and its noun", () => {
    expect(count(4_000)).toBe("4,000");
    expect([plural(1, "run"), plural(0, "run"), plural(2, "match", "matches")]).toEqual([
      "1 run",
      "0 runs",
      "2 matches",
    ]);
    expect(bytes(32)).toBe("32 B");
    expect(bytes(2_500_000)).toMatch(/ MB$/);
  });
});

describe("dollars", () => {
  it("keep the digits that say something", () => {
    expect([0, 0.00001, 0.0123, 0.5, 12, 12345.678].map(dollars)).toEqual([
      "$0",
      "< $0.0001",
      "$0.0123",
      "$0.5",
      "$12.00",
      "$12,345.68",
    ]);
  });
});

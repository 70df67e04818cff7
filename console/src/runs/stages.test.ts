import { describe, expect, it } from "vitest";
import { changes, changeText, LISTED, placeText, type StateFlow, toStages } from "./stages";

function flow(fields: object): StateFlow {
  return {
    state: "Load",
    type: "Task",
    path: ["Load"],
    input: {},
    output: null,
    error: "",
    cause: "",
    next: "Save",
    attempts: 1,
    stages: [],
    large: {},
    exact: true,
    over: true,
    entered: "",
    digest: "",
    ...fields,
  } as unknown as StateFlow;
}

const ORDER = { order: { id: 4 }, by: "pat" };
const SUM = { ...ORDER, sum: { total: 7 } };

describe("stages of a state", () => {
  it("are those that it has, each against the value that it is made of", () => {
    const stages = toStages(
      flow({
        input: ORDER,
        output: SUM,
        stages: [
          { name: "InputPath", value: { id: 4 } },
          { name: "Result", value: { total: 7, note: "" } },
          { name: "ResultSelector", value: { total: 7 } },
          { name: "ResultPath", value: SUM },
        ],
      }),
    );
    expect(stages.map((stage) => [stage.name, changeText(stage.changes)])).toEqual([
      ["Input", ""],
      ["InputPath", "another value"],
      ["Result", ""],
      ["ResultSelector", "1 gone"],
      ["ResultPath", "1 new"],
      ["Handed on", "the same as before"],
    ]);
    expect(stages[4]?.about).toBe("the input with the result in its place");
    expect(stages.at(-1)?.about).toBe("what Save gets");
  });

  it("of a failed state end with what is known", () => {
    const stages = toStages(flow({ error: "Acme.Broken", next: "" }));
    expect(stages.map((stage) => stage.name)).toEqual(["Input"]);
    const caught = toStages(flow({ error: "Acme.Broken", stages: [{ name: "ResultPath", value: {} }] }));
    expect(caught[1]?.about).toBe("the input with the error in its place");
    expect(toStages(flow({ over: false })).map((stage) => stage.name)).toEqual(["Input"]);
  });

  it("say the size of a value that is left out, and compare nothing with it", () => {
    const stages = toStages(
      flow({ input: null, large: { input: 300_000 }, stages: [{ name: "Parameters", value: { a: 1 } }] }),
    );
    expect(stages[0]?.large).toBe(300_000);
    expect(stages[1]?.changes).toBeUndefined();
  });

  it("of variables and items change nothing of the flow", () => {
    const stages = toStages(
      flow({
        type: "Map",
        input: [1, 2],
        output: [2, 4],
        stages: [
          { name: "Items", value: [1, 2] },
          { name: "Result", value: [2, 4] },
          { name: "Assign", value: { n: 2 } },
        ],
      }),
    );
    expect(stages.map((stage) => stage.changes?.length)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      0,
    ]);
    expect(stages[2]?.about).toBe("what its items answered");
  });
});

describe("changes of a value", () => {
  it("name parts that are new, changed or gone, from the outside in", () => {
    expect(changes({ a: 1, b: { c: [1, 2] }, d: 1 }, { a: 1, b: { c: [1, 3, 4] }, e: {} })).toEqual([
      { kind: "changed", at: "b.c.1" },
      { kind: "new", at: "b.c.2" },
      { kind: "new", at: "e" },
      { kind: "gone", at: "d" },
    ]);
    expect(changes({ a: null }, { a: null })).toEqual([]);
    expect(changes({ a: [] }, { a: {} })).toEqual([{ kind: "changed", at: "a" }]);
    expect(changes(1, "1")).toEqual([{ kind: "changed", at: "" }]);
  });

  it("are so many at most", () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, number) => [`k${number}`, number]));
    const none = Object.fromEntries(Object.keys(many).map((key) => [key, -1]));
    expect(changes(many, none).length).toBeLessThanOrEqual(LISTED + 1);
    expect(changeText(changes(many, none))).toBe("over 50 changed");
  });
});

describe("the place of an entry", () => {
  it("names items and branches", () => {
    expect(placeText(flow({ state: "Left", path: ["Each", "[2]", "Both", "{0}", "Left"] }))).toBe(
      "Each[2] › Both branch 0 › Left",
    );
    expect(placeText(flow({}))).toBe("Load");
  });
});

import { expect, test } from "vitest";
import { CHARACTERS, ELEMENTS, hold, linkOf, Refused } from "./bounds";

const card = (...body: unknown[]) => ({ type: "AdaptiveCard", version: "1.5", body });
const text = (value: string) => ({ type: "TextBlock", text: value });
const tools = { crawl: { name: "crawl", destructive: false } };
const refused = (...body: unknown[]) =>
  expect(() => hold(card(...body), { "a.png": "https://b/a" }, tools)).toThrow(Refused);

test("a card of known parts is drawn with its own images and shows the host of each link", () => {
  const link = { type: "Action.OpenUrl", title: "Docs", url: "https://example.com/a" };
  const held = hold(
    card(text("a"), { type: "Image", url: "a.png" }, { type: "ActionSet", actions: [link] }),
    { "a.png": "https://b/a" },
    {},
  );
  expect(JSON.stringify(held)).toContain("https://b/a");
  expect(JSON.stringify(held)).toContain("Docs (example.com)");
});

test.each([
  [{ type: "Media" }],
  [{ type: "Action.ToggleVisibility" }],
  [{ type: "Image", url: "https://x.example/a.png" }],
  [{ type: "Image", url: "data:image/png;base64,AA" }],
  [{ type: "Image", url: "toString" }],
  [{ type: "Action.OpenUrl", url: "javascript:alert(1)" }],
  [{ type: "Action.OpenUrl", url: "https://a@b.example/" }],
  [{ type: "Action.OpenUrl", url: "http://b.example/" }],
  [{ type: "Action.Submit", data: { tool: "other" } }],
  [{ type: "Action.Submit", data: { tool: "constructor" } }],
  [{ ...text("a"), selectAction: {} }],
  [{ ...text("a"), url: "https://x.example" }],
  [{ type: "Container", backgroundImage: "https://x.example/a.png" }],
  [text("x".repeat(CHARACTERS + 1))],
])("a hostile part refuses the whole card: %#", (part) => refused(part));

test("too many elements or levels refuse the card", () => {
  refused(...Array.from({ length: ELEMENTS }, () => text("a")));
  let deep: unknown = text("a");
  for (let level = 0; level < 40; level += 1) deep = { type: "Container", items: [deep] };
  refused(deep);
  expect(() => hold([], {}, {})).toThrow(Refused);
});

test("an action keeps its tool and its arguments alone", () => {
  const action = {
    type: "Action.Submit",
    title: "Go",
    data: { tool: "crawl", arguments: { full: true }, more: 1 },
    verb: "x",
  };
  expect(hold(card(action), {}, tools).body).toEqual([
    { type: "Action.Submit", title: "Go", data: { tool: "crawl", arguments: { full: true } } },
  ]);
});

test("a link is https with a host and no name of a user", () => {
  expect(linkOf("https://example.com/a")?.host).toBe("example.com");
  for (const url of ["javascript:1", "data:,a", "//a", "", 7, "https://a:b@c/"])
    expect(linkOf(url)).toBeUndefined();
});

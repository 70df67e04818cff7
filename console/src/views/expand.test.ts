import { expect, test } from "vitest";
import { type Answer, expand, TooSlow } from "./expand";

class Fake {
  onmessage: ((event: { data: Answer }) => void) | null = null;
  onerror: (() => void) | null = null;
  terminated = false;
  sent: unknown;
  constructor(readonly answer: Answer | null) {
    queueMicrotask(() => this.onmessage?.({ data: { ready: true } }));
  }
  postMessage(message: unknown) {
    this.sent = message;
    const answer = this.answer;
    if (answer) queueMicrotask(() => this.onmessage?.({ data: answer }));
  }
  terminate() {
    this.terminated = true;
  }
}

const of = (fake: Fake) => () => fake as unknown as Worker;

test("the worker gets the card and the data, and is ended after its answer", async () => {
  const fake = new Fake({ card: '{"a":1}' });
  expect(await expand({ c: 1 }, { d: 2 }, of(fake))).toEqual({ a: 1 });
  expect(fake.sent).toEqual({ card: { c: 1 }, data: { d: 2 } });
  expect(fake.terminated).toBe(true);
});

test("a worker that does not answer in time is ended", async () => {
  const fake = new Fake(null);
  await expect(expand({}, {}, of(fake), 5)).rejects.toThrow(TooSlow);
  expect(fake.terminated).toBe(true);
});

test("an error of the worker is one of the card", async () => {
  await expect(expand({}, {}, of(new Fake({ error: "no" })))).rejects.toThrow("no");
});

// The worker of expand.ts: it has no document and no session, gets a card and its data, and answers JSON.
import { Template } from "adaptivecards-templating";
import type { Answer } from "./expand";

/** No page draws more; what is larger is not handed over. */
const CHARACTERS = 2_000_000;
const say = (answer: Answer) => self.postMessage(answer);

/** An expression alone keeps the type of its value, and the library draws no text that is a number: `0` is one, too. */
function asText(this: unknown, key: string, value: unknown): unknown {
  const isFact = key === "value" && typeof this === "object" && this !== null && !("type" in this);
  if (key !== "text" && key !== "title" && !isFact) return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}

self.onmessage = ({ data: message }: MessageEvent<{ card: unknown; data: unknown }>) => {
  try {
    const root =
      typeof message.data === "object" && message.data !== null ? message.data : { value: message.data };
    const card = JSON.stringify(new Template(message.card).expand({ $root: root }), asText);
    say(card.length > CHARACTERS ? { error: "the filled card is too large" } : { card });
  } catch {
    say({ error: "the card could not be filled" });
  }
};
say({ ready: true });

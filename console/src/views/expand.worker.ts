// The worker of expand.ts: it has no document and no session, gets a card and its data, and answers JSON.
import { Template } from "adaptivecards-templating";
import type { Answer } from "./expand";

/** No page draws more; what is larger is not handed over. */
const CHARACTERS = 2_000_000;
const say = (answer: Answer) => self.postMessage(answer);

self.onmessage = ({ data: message }: MessageEvent<{ card: unknown; data: unknown }>) => {
  try {
    const root =
      typeof message.data === "object" && message.data !== null ? message.data : { value: message.data };
    const card = JSON.stringify(new Template(message.card).expand({ $root: root }));
    say(card.length > CHARACTERS ? { error: "the filled card is too large" } : { card });
  } catch {
    say({ error: "the card could not be filled" });
  }
};
say({ ready: true });

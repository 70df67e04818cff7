// Fills a card with data in a worker that is stopped after a while: an expression may take any time, and a page can't wait.
export const DEADLINE_MS = 500;
const LOAD_MS = 20_000;
export type Answer = { ready: true } | { card: string } | { error: string };

export class TooSlow extends Error {}

function worker(): Worker {
  return new Worker(new URL("./expand.worker.ts", import.meta.url), { type: "module" });
}

/** The card with the data in it. The deadline begins when the worker has loaded. */
export function expand(
  card: unknown,
  data: unknown,
  make: () => Worker = worker,
  deadline = DEADLINE_MS,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const current = make();
    let timer = setTimeout(() => end(() => reject(new TooSlow("the worker did not load"))), LOAD_MS);
    const end = (then: () => void) => {
      clearTimeout(timer);
      current.terminate();
      then();
    };
    current.onerror = () => end(() => reject(new Error("the card could not be filled")));
    current.onmessage = ({ data: answer }: MessageEvent<Answer>) => {
      if ("ready" in answer) {
        clearTimeout(timer);
        timer = setTimeout(() => end(() => reject(new TooSlow("the card took too long to fill"))), deadline);
        current.postMessage({ card, data });
      } else if ("card" in answer) end(() => resolve(JSON.parse(answer.card)));
      else end(() => reject(new Error(answer.error)));
    };
  });
}

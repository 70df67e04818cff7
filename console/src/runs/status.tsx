// A status as a chip: a word and a sign, so that no one needs its colour.
const KINDS: Record<string, [string, string]> = {
  starting: ["busy", "◌"],
  running: ["busy", "▶"],
  started: ["busy", "▶"],
  paused: ["warn", "❚❚"],
  waiting: ["warn", "❚❚"],
  wanted: ["warn", "❚❚"],
  decided: ["busy", "▶"],
  taken: ["good", "✓"],
  succeeded: ["good", "✓"],
  reused: ["good", "↺"],
  caught: ["warn", "⤺"],
  failed: ["bad", "✕"],
  aborted: ["bad", "■"],
  pending: ["", "·"],
  skipped: ["", "–"],
  unknown: ["", "?"],
  approved: ["good", "✓"],
  rejected: ["bad", "✕"],
  expired: ["bad", "⌛"],
  installed: ["good", "✓"],
  installing: ["busy", "▶"],
  upgrading: ["busy", "▶"],
  removing: ["busy", "▶"],
  removed: ["", "–"],
  delivered: ["good", "✓"],
  dead: ["bad", "✕"],
  redriven: ["good", "↺"],
  dropped: ["", "–"],
  deployed: ["good", "✓"],
  listed: ["good", "✓"],
  withdrawn: ["bad", "■"],
  done: ["good", "✓"],
  active: ["good", "✓"],
  open: ["good", "✓"],
};

export function Status({ value }: { value: string }) {
  const [kind, sign] = KINDS[value] ?? ["", "·"];
  return (
    <span className={`chip ${kind}`}>
      <span aria-hidden="true">{sign}</span> {value}
    </span>
  );
}

/** The colour's name of a status, for a graph's node or a bar. */
export function tone(value: string): string {
  return KINDS[value]?.[0] || "quiet";
}

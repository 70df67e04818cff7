// A status as a chip: a word and a sign, so that no one needs its colour.
import { Icon, type IconName } from "../ui/icon";

const KINDS: Record<string, [string, IconName]> = {
  starting: ["busy", "ring"],
  running: ["busy", "play"],
  started: ["busy", "play"],
  paused: ["warn", "pause"],
  waiting: ["warn", "pause"],
  wanted: ["warn", "pause"],
  decided: ["busy", "play"],
  taken: ["good", "check"],
  succeeded: ["good", "check"],
  reused: ["good", "again"],
  caught: ["warn", "back"],
  failed: ["bad", "cross"],
  aborted: ["bad", "stop"],
  pending: ["", "dot"],
  skipped: ["", "dash"],
  unknown: ["", "dot"],
  approved: ["good", "check"],
  rejected: ["bad", "cross"],
  expired: ["bad", "clock"],
  installed: ["good", "check"],
  installing: ["busy", "play"],
  upgrading: ["busy", "play"],
  removing: ["busy", "play"],
  removed: ["", "dash"],
  delivered: ["good", "check"],
  dead: ["bad", "cross"],
  redriven: ["good", "again"],
  dropped: ["", "dash"],
  deployed: ["good", "check"],
  listed: ["good", "check"],
  withdrawn: ["bad", "stop"],
  done: ["good", "check"],
  active: ["good", "check"],
  open: ["good", "check"],
};

export function Status({ value }: { value: string }) {
  const [kind, sign] = KINDS[value] ?? ["", "dot"];
  return (
    <span className={`chip ${kind}`}>
      <Icon name={sign} /> {value}
    </span>
  );
}

/** The colour's name of a status, for a graph's node or a bar. */
export function tone(value: string): string {
  return KINDS[value]?.[0] || "quiet";
}

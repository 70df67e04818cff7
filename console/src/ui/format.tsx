// Times with their zone, durations, sizes: one way each.
import { useEffect, useState } from "react";
import { usePreferences } from "./preferences";

/** A moment in the reader's zone, which is named; ISO 8601 on hover. */
export function Time({ at, seconds = true }: { at: string | null | undefined; seconds?: boolean }) {
  const { zone } = usePreferences();
  if (!at) return <span className="muted">–</span>;
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <span>{at}</span>;
  const text = new Intl.DateTimeFormat("en-GB", {
    year: "numeric",
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    timeZone: zone,
    timeZoneName: "short",
  }).format(date);
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()} className="nowrap number">
      {text}
    </time>
  );
}

/** How long ago, with the moment on hover. */
export function Ago({ at }: { at: string }) {
  const now = useNow(10_000);
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()} className="nowrap">
      {duration(Math.max(0, now - date.getTime()))} ago
    </time>
  );
}

/** The time now, renewed every so often. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export function duration(ms: number): string {
  // Rounded down: 59.9 s are no 60 s, which would be a minute.
  if (ms < 1000) return `${Math.floor(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60)
    return seconds < 10 ? `${(Math.floor(ms / 100) / 10).toFixed(1)} s` : `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 1_000_000) return `${(size / 1000).toFixed(1)} kB`;
  if (size < 1_000_000_000) return `${(size / 1_000_000).toFixed(1)} MB`;
  return `${(size / 1_000_000_000).toFixed(1)} GB`;
}

const COUNTS = new Intl.NumberFormat("en-GB");

export function count(value: number): string {
  return COUNTS.format(value);
}

/** An estimate in dollars: small sums keep the digits that say something. */
export function dollars(value: number): string {
  if (value === 0) return "$0";
  if (value < 0.0001) return "< $0.0001";
  return `$${value.toLocaleString("en-GB", value < 1 ? { maximumFractionDigits: 4 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** With a capital letter first, as the title of a column. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

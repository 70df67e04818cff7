// Placeholder until the jobs are there.
export function Rehearsal(_: { tenant: string; install: string; version: string }) {
  return null;
}

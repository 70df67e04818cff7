// What pages an app brings, on its own page before it is installed.
export function ViewTitles(_: { version: unknown }) {
  return null;
}

// A JSON Merge Patch (RFC 7396) that makes one value another: forks take edits in this form.

type Members = Record<string, unknown>;

export interface MergePatch {
  patch: unknown;
  /** Why the edit can't be written as a patch; empty where it can. */
  wrong: string;
}

export const NO_PATCH: MergePatch = { patch: undefined, wrong: "" };

/** The patch that makes `after` of `before`. A patch removes what it sets to null, so null can't be put in by one. */
export function mergePatch(before: unknown, after: unknown): MergePatch {
  const patch = difference(before, after);
  if (equal(applyPatch(before, patch), after)) return { patch, wrong: "" };
  return {
    patch,
    wrong: "An edit of a fork can't set a member to null. Leave the member out, or give it a value.",
  };
}

export function applyPatch(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  // A map, because a member may be called as something that every object has: `constructor`, `__proto__`.
  const next = new Map<string, unknown>(isObject(value) ? Object.entries(value) : []);
  for (const [name, part] of Object.entries(patch)) {
    if (part === null) next.delete(name);
    else next.set(name, applyPatch(next.get(name), part));
  }
  return Object.fromEntries(next);
}

function difference(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return after;
  const patch = new Map<string, unknown>();
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch.set(name, null);
  for (const [name, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (!Object.hasOwn(before, name) || !equal(old, value)) patch.set(name, difference(old, value));
  }
  return Object.fromEntries(patch);
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function equal(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, index) => equal(value, other[index]));
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && equal(one[name], other[name]))
    );
  }
  return Object.is(one, other);
}

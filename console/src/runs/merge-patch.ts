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
  const next: Members = isObject(value) ? { ...value } : {};
  for (const [name, part] of Object.entries(patch)) {
    if (part === null) delete next[name];
    else next[name] = applyPatch(next[name], part);
  }
  return next;
}

function difference(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return after;
  const patch: Members = {};
  for (const name of Object.keys(before)) if (!(name in after)) patch[name] = null;
  for (const [name, value] of Object.entries(after))
    if (!(name in before) || !equal(before[name], value)) patch[name] = difference(before[name], value);
  return patch;
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
      names.every((name) => name in other && equal(one[name], other[name]))
    );
  }
  return Object.is(one, other);
}

// The control API, typed by its OpenAPI description. An answer that is asked for again is revalidated by its ETag.
import createClient, { type Middleware } from "openapi-fetch";
import { accessToken } from "../session/session";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** A refused call, as the API says it: what, where and what to do next. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly where: string,
    readonly next: string,
    readonly findings: Schemas["Finding"][] = [],
    readonly retryAfter = 0,
  ) {
    super(detail);
  }
}

const REMEMBERED = 64;
const seen = new Map<string, { etag: string; body: string; headers: [string, string][] }>();

const signed: Middleware = {
  async onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${await accessToken()}`);
    const kept = request.method === "GET" ? seen.get(request.url) : undefined;
    if (kept) request.headers.set("If-None-Match", kept.etag);
    // Sent again by a reader or by a lost answer, it is done once.
    if (request.method === "POST") request.headers.set("Idempotency-Key", crypto.randomUUID());
    return request;
  },
  async onResponse({ request, response }) {
    const kept = seen.get(request.url);
    if (response.status === 304 && kept)
      return new Response(kept.body, { status: 200, headers: kept.headers });
    const etag = response.headers.get("ETag");
    if (request.method === "GET" && response.ok && etag) {
      const oldest = seen.keys().next().value;
      if (seen.size >= REMEMBERED && oldest !== undefined) seen.delete(oldest);
      seen.delete(request.url);
      seen.set(request.url, { etag, body: await response.clone().text(), headers: [...response.headers] });
    }
    return undefined;
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, cache: "no-store" });
api.use(signed);

/** The body of an answer, or the problem that it is. */
export async function answer<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  let result: Awaited<typeof call>;
  try {
    result = await call;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(
      0,
      "no-answer",
      "The platform did not answer.",
      window.location.origin,
      "Try again in a moment.",
    );
  }
  if (result.error === undefined && result.response.ok) return result.data as T;
  throw problemOf(result.response, result.error);
}

function problemOf(response: Response, body: unknown): Problem {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string, otherwise: string) =>
    typeof fields[name] === "string" ? (fields[name] as string) : otherwise;
  return new Problem(
    response.status,
    text("code", `http-${response.status}`),
    text("detail", `The platform answered ${response.status}.`),
    text("where", new URL(response.url || window.location.href).pathname),
    text("next", ""),
    Array.isArray(fields.findings) ? (fields.findings as Schemas["Finding"][]) : [],
    Number(response.headers.get("Retry-After") ?? 0),
  );
}

/** Forget what was read: after a sign-out, or as another principal. */
export function forgetAnswers(): void {
  seen.clear();
}

// Signing in by the authorization code with PKCE (RFC 7636). The token is in this module's memory and nowhere else:
// a reload asks the pool's page again, which knows the browser by its own cookie.

export interface Settings {
  deployment: string;
  authorize_url: string;
  token_url: string;
  logout_url: string;
  client_id: string;
  scope: string;
  sign_in_help?: string;
}

interface Attempt {
  verifier: string;
  state: string;
  to: string;
}

/** Nobody is signed in, and the sign-in page can't help. */
export class SignedOut extends Error {}

const ATTEMPT = "interlock-sign-in";
const SLACK_MS = 60_000;
let settings: Promise<Settings> | undefined;
let token = "";
let refresh = "";
let until = 0;
let renewing: Promise<string> | undefined;

export function readSettings(): Promise<Settings> {
  settings ??= fetch("/config.json").then((answer) => {
    if (!answer.ok) throw new Error("The console's settings could not be read.");
    return answer.json() as Promise<Settings>;
  });
  return settings;
}

/** A token that is valid for a minute at least; without one the browser goes to sign in. */
export function accessToken(): Promise<string> {
  if (Date.now() < until - SLACK_MS) return Promise.resolve(token);
  renewing ??= renew().finally(() => {
    renewing = undefined;
  });
  return renewing;
}

/** Sign out here and at the pool's page. */
export async function signOut(): Promise<void> {
  token = refresh = "";
  until = 0;
  const { logout_url, client_id, deployment } = await readSettings();
  const back = `${window.location.origin}/`;
  const query = new URLSearchParams({ client_id, logout_uri: back });
  window.location.assign(deployment === "local" ? logout_url : `${logout_url}?${query}`);
}

/** Finish a sign-in on the page that the browser comes back to: the path to go on with. */
export async function finishSignIn(query: URLSearchParams): Promise<string> {
  const attempt = JSON.parse(sessionStorage.getItem(ATTEMPT) ?? "null") as Attempt | null;
  sessionStorage.removeItem(ATTEMPT);
  const { sign_in_help } = await readSettings();
  if (query.get("error"))
    throw new SignedOut(sign_in_help ?? `The sign-in was refused: ${query.get("error")}.`);
  if (attempt === null || query.get("state") !== attempt.state)
    throw new SignedOut("This sign-in was not begun in this tab. Open the console again.");
  await redeem({
    grant_type: "authorization_code",
    code: query.get("code") ?? "",
    redirect_uri: callback(),
    code_verifier: attempt.verifier,
  });
  return attempt.to;
}

async function renew(): Promise<string> {
  if (refresh) {
    try {
      await redeem({ grant_type: "refresh_token", refresh_token: refresh });
      return token;
    } catch (error) {
      if (!(error instanceof SignedOut)) throw error;
      refresh = "";
    }
  }
  await goToSignIn();
  // The page is left; whoever waits for a token waits for the next page.
  return new Promise<string>(() => undefined);
}

async function goToSignIn(): Promise<void> {
  const { authorize_url, client_id, scope } = await readSettings();
  const verifier = random();
  const attempt: Attempt = {
    verifier,
    state: random(),
    to: window.location.pathname + window.location.search,
  };
  sessionStorage.setItem(ATTEMPT, JSON.stringify(attempt));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const query = new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri: callback(),
    scope,
    state: attempt.state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  });
  window.location.replace(`${authorize_url}?${query}`);
}

async function redeem(grant: Record<string, string>): Promise<void> {
  const { token_url, client_id } = await readSettings();
  const answer = await fetch(token_url, {
    method: "POST",
    body: new URLSearchParams({ client_id, ...grant }),
  });
  if (!answer.ok) throw new SignedOut("The sign-in is not valid any more. Open the console again.");
  const fields = (await answer.json()) as {
    access_token: string;
    refresh_token?: string;
    expires_in: number;
  };
  token = fields.access_token;
  refresh = fields.refresh_token ?? refresh;
  until = Date.now() + fields.expires_in * 1000;
}

function callback(): string {
  return `${window.location.origin}/callback`;
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

import type { Fetch } from "../../../src/client/index.ts";

/** What the service does with one request: answers it, or the connection is lost. */
export type Step =
  | "lost"
  | { readonly status: number; readonly body?: unknown; readonly retryAfter?: string };

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A `fetch` that follows a script, the last step for all that come after, and remembers what was sent. */
export class ScriptedFetch {
  readonly sent: Sent[] = [];
  readonly #script: readonly Step[];

  constructor(...script: readonly Step[]) {
    this.#script = script;
  }

  readonly fetch: Fetch = async (url, init) => {
    init.signal?.throwIfAborted();
    const step = this.#script[Math.min(this.sent.length, this.#script.length - 1)] ?? "lost";
    this.sent.push({
      method: init.method ?? "GET",
      url,
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
    });
    if (step === "lost") throw new TypeError("fetch failed");
    const { status, body, retryAfter } = step;
    const headers = { ...(retryAfter !== undefined && { "retry-after": retryAfter }) };
    return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
  };
}

/** The body of a problem as the service answers it. */
export function problem(slug: string, status: number, members: object = {}) {
  return {
    status,
    body: { type: `https://stockwire.dev/problems/${slug}`, title: slug, status, ...members },
  };
}

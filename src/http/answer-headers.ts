import type { Context } from "hono";

/** Sets headers of the answer that a route or a refusal has made. An upgrade to a socket has none to set. */
export function setHeaders(c: Context, headers: Readonly<Record<string, string>>): void {
  if (c.res.status === 101) return;
  try {
    setAll(c.res.headers, headers);
  } catch {
    // What another object has answered cannot be changed, but copied.
    c.res = new Response(c.res.body, c.res);
    setAll(c.res.headers, headers);
  }
}

function setAll(target: Headers, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) target.set(name, value);
}

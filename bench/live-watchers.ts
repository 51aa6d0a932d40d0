/**
 * The watchers of `bench/live.ts`, in a process of their own: what they cost must not count against the load. Started with
 * an IPC channel; arguments: how many, address of the socket, key, SKU. Says `watching` once all have a first view, then
 * answers `begin` by nothing and `end` by what was heard in between.
 */

/** What each socket heard last, and when each view came in. Times are of the wall clock, in ms. */
export interface Heard {
  readonly newest: readonly number[];
  readonly views: readonly { readonly version: number; readonly atMs: number }[];
}

const [count = "0", address = "", key = "", sku = ""] = process.argv.slice(2);
const newest = Array.from({ length: Number(count) }, () => 0);
let views: { version: number; atMs: number }[] = [];
let waiting = newest.length;

for (const index of newest.keys()) {
  const socket = new (WebSocket as unknown as NodeWebSocket)(address, {
    headers: { authorization: `Bearer ${key}` },
  });
  socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "subscribe", skus: [sku] })));
  socket.addEventListener("message", ({ data }) => {
    // Not parsed whole: watchers share two cores with what is measured.
    const version = Number(/"version":(\d+),"asOf"/.exec(String(data))?.[1] ?? 0);
    if (version === 0) return;
    if (newest[index] === 0) waiting -= 1;
    newest[index] = version;
    views.push({ version, atMs: performance.timeOrigin + performance.now() });
    if (waiting === 0) {
      waiting = -1;
      process.send?.("watching");
    }
  });
  socket.addEventListener("close", () => process.exit(1));
}

process.on("message", (word) => {
  if (word === "begin") views = [];
  else if (word === "end") process.send?.({ newest, views } satisfies Heard);
});

/** Node's WebSocket takes headers, which the browser's does not. */
type NodeWebSocket = new (address: string, init: { headers: Record<string, string> }) => WebSocket;

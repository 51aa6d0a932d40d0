import type { Miniflare } from "miniflare";

/** What a machine calls itself, as it stands in an address. */
export const loopbackHosts: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Nobody can listen where the service was told to. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/** Where Miniflare listens, and the Worker itself. */
export interface WayIn {
  readonly miniflare: { readonly host: string; readonly port: number };
  readonly worker: { readonly unsafeDirectSockets?: { host: string; port: number }[] };
  /** Resolves once it serves, with where. Throws AddressError if something else listens there. */
  ready(miniflare: Miniflare, worker: string): Promise<URL>;
}

/**
 * Miniflare leads every request through a Worker of its own, which takes longer than all that Stockwire does for a read. What
 * that is good for here is the address of the caller, which a socket of the Worker does not know. Whoever comes by loopback
 * is on this machine, or a proxy that says for whom it asks (`CF-Connecting-IP`): there the Worker has its own socket.
 */
export function wayIn(host: string, port: number): WayIn {
  const isDirect = host === "::1" || loopbackHosts.includes(host);
  return {
    miniflare: isDirect ? { host: "127.0.0.1", port: 0 } : { host, port },
    worker: isDirect ? { unsafeDirectSockets: [{ host, port }] } : {},
    async ready(miniflare, worker) {
      try {
        const entry = await miniflare.ready;
        return isDirect ? await miniflare.unsafeGetDirectURL(worker) : entry;
      } catch (error) {
        // What did not start must not keep the process from ending.
        await miniflare.dispose().catch(() => undefined);
        if (!isAddressInUse(error)) throw error;
        throw new AddressError(
          `something listens on port ${port} of ${host} already: end it, or choose another with --port`,
        );
      }
    },
  };
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_ADDRESS_IN_USE";
}

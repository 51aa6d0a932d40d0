/** The release of the Universal Commerce Protocol (ucp.dev) that is spoken here. */
export const ucpVersion = "2026-08-25";

/** The version of our own capabilities, which is that of their schemas. */
export const extensionVersion = "2026-11-23";

export const lookupCapability = "dev.ucp.shopping.catalog.lookup";

/** Names under which a deployment's own capabilities are known. */
export interface OwnNames {
  /** The service they are part of. */
  readonly service: string;
  /** Extends catalog lookup: how many there are, and since when that is true. */
  readonly freshness: string;
  /** Holds: no other capability has them. */
  readonly holds: string;
}

/**
 * The names of a deployment's own capabilities: its host in reverse, then `stockwire`. UCP binds a name to the host that
 * serves its schema ("Authority Binding"), so a name of any other domain would be refused, and claim what is not ours. A
 * host that is no domain (an address, `localhost`) can claim none; for trying things out on one's own machine its names
 * begin with `localhost`, and platforms elsewhere refuse them, as they should.
 */
export function ownNames(origin: string): OwnNames {
  const { hostname } = new URL(origin);
  const labels = hostname.split(".");
  const isDomain = labels.length > 1 && /[a-z]/.test(labels.at(-1) ?? "");
  const authority = isDomain ? labels.toReversed().join(".") : "localhost";
  const service = `${authority}.stockwire`;
  return { service, freshness: `${service}.freshness`, holds: `${service}.holds` };
}

/** Where the operations are, below the public origin. */
export const endpointPath = "/ucp/v1";

/** Whether a path is that of an operation, whose errors are told in UCP's words. */
export function isUcpOperation(path: string): boolean {
  return path.startsWith(`${endpointPath}/`);
}

/** The schemas of our own capabilities. */
export const schemaPaths = {
  freshness: "/ucp/schemas/freshness.json",
  holds: "/ucp/schemas/holds.json",
} as const;

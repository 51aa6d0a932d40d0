import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { type OpenApi, requestsOf, type WireRequest } from "./requests.ts";
import type { Pools } from "./json-schema.ts";

export interface FuzzOptions {
  readonly url: string;
  /** An admin's key: what may do everything can break everything. */
  readonly key: string;
  readonly requests: number;
  readonly seed: number;
}

export interface FuzzReport {
  readonly sent: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Operations that were asked, and those of them that succeeded at least once. */
  readonly routes: number;
  readonly succeeded: number;
  /** After how many refusals it was looked whether stock had changed. */
  readonly refusalsChecked: number;
  readonly faults: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Requests that are under way at once; each lane has SKUs, orders and reservations that no other one touches. */
const lanes = 6;
const requestsAtOnce = 200;
const faultsMax = 20;
/** How often it is looked, ten times a second, whether the ledger has what an object says. */
const ledgerLooksMax = 100;

/** A SKU, and how far its ledger is. */
interface PlacedSku {
  readonly sku: string;
  readonly epoch: string;
  readonly version: number;
}

/** Sends a service requests made from its own description, most of them wrong, and says what it should not have done. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes * 2 });
  const tally = new Tally();
  try {
    const { text } = await send(agent, options.url, {
      route: "",
      method: "GET",
      target: "/openapi.json",
      headers: {},
    });
    const document: OpenApi = JSON.parse(text);
    const share = Math.ceil(options.requests / lanes);
    await Promise.all(
      Array.from({ length: lanes }, (_, index) =>
        new Lane(agent, options, document, tally, index).run(share),
      ),
    );
  } finally {
    agent.destroy();
  }
  return tally.report();
}

class Tally {
  readonly #statuses = new Map<string, number>();
  readonly #routes = new Map<string, boolean>();
  readonly #faults: string[] = [];
  refusalsChecked = 0;

  count({ route }: WireRequest, { status }: Answer): void {
    const name = String(status);
    this.#statuses.set(name, (this.#statuses.get(name) ?? 0) + 1);
    this.#routes.set(route, (this.#routes.get(route) ?? false) || status < 400);
  }

  fault(what: string, wire: WireRequest, answer: Answer): void {
    if (this.#faults.length >= faultsMax) return;
    const body = wire.body === undefined ? "" : ` ${new TextDecoder().decode(wire.body).slice(0, 400)}`;
    const asked = `${wire.method} ${wire.target.slice(0, 300)} ${JSON.stringify(wire.headers)}${body}`;
    this.#faults.push(
      `${what}\n  asked ${asked}\n  answered ${answer.status} ${answer.type} ${answer.text.slice(0, 400)}`,
    );
  }

  get isFull(): boolean {
    return this.#faults.length >= faultsMax;
  }

  report(): FuzzReport {
    const statuses = Object.fromEntries([...this.#statuses].toSorted(([a], [b]) => Number(a) - Number(b)));
    return {
      sent: [...this.#statuses.values()].reduce((sum, count) => sum + count, 0),
      statuses,
      routes: this.#routes.size,
      succeeded: [...this.#routes.values()].filter(Boolean).length,
      refusalsChecked: this.refusalsChecked,
      faults: this.#faults,
    };
  }
}

/** One request after the other, about things of its own. */
class Lane {
  readonly #agent: Agent;
  readonly #options: FuzzOptions;
  readonly #document: OpenApi;
  readonly #tally: Tally;
  readonly #index: number;
  readonly #skus: readonly string[];
  readonly #reservations: string[] = ["nobody's"];
  #positions: readonly PlacedSku[] = [];

  constructor(agent: Agent, options: FuzzOptions, document: OpenApi, tally: Tally, index: number) {
    this.#agent = agent;
    this.#options = options;
    this.#document = document;
    this.#tally = tally;
    this.#index = index;
    this.#skus = [`L${index}-A`, `L${index}-ü/B`, `L${index} C`];
  }

  async run(share: number): Promise<void> {
    this.#positions = await this.#readPositions();
    const requests = requestsOf(this.#document, this.#pools(), this.#options.key);
    for (let sent = 0; sent < share && !this.#tally.isFull;) {
      const numRuns = Math.min(requestsAtOnce, share - sent);
      const seed = this.#options.seed * 1_000_003 + this.#index * 100_003 + sent;
      for (const wire of fc.sample(requests, { numRuns, seed })) {
        await this.#ask(wire);
        sent += 1;
      }
    }
  }

  async #ask(wire: WireRequest): Promise<void> {
    const answer = await send(this.#agent, this.#options.url, wire);
    this.#tally.count(wire, answer);
    const fault = faultOf(wire, answer);
    if (fault !== undefined) this.#tally.fault(fault, wire, answer);
    if (answer.status === 201 && wire.route === "POST /v1/reservations") this.#remember(answer.text);
    if (wire.method === "GET" || wire.method === "HEAD" || wire.method === "OPTIONS") return;
    const positions = await this.#readPositions();
    if (answer.status >= 400) {
      this.#tally.refusalsChecked += 1;
      for (const after of positions) {
        const change = await this.#changeByCaller(after);
        if (change !== undefined) this.#tally.fault(change, wire, answer);
      }
    }
    this.#positions = positions;
  }

  #remember(text: string): void {
    this.#reservations.push(String(JSON.parse(text).id));
    if (this.#reservations.length > 20) this.#reservations.shift();
  }

  /**
   * What a caller did to a SKU since its positions were read last; undefined if nothing. What the service does by itself, such as
   * granting units to a shard or counting a kit, comes when it comes, and names no actor.
   */
  async #changeByCaller({ sku, epoch, version }: PlacedSku): Promise<string | undefined> {
    const before = this.#positions.find((one) => one.sku === sku && one.epoch === epoch)?.version ?? 0;
    if (before === version) return undefined;
    const range = `${sku} went from ${before} to ${epoch}.${version}`;
    for (let looks = 0; looks < ledgerLooksMax; looks += 1) {
      const { text } = await this.#get(`/v1/skus/${encodeURIComponent(sku)}/ledger?limit=100`);
      const items = (JSON.parse(text).items ?? []) as {
        type: string;
        data: PlacedSku & { actor?: string };
      }[];
      const made = items.filter(({ data }) => data.epoch === epoch && data.version > before);
      if (made.filter(({ data }) => data.version <= version).length === version - before) {
        const byCaller = made.filter(({ data }) => data.actor !== undefined);
        return byCaller.length === 0
          ? undefined
          : `stock changed: ${range} by ${byCaller.map(({ type }) => type).join(" and ")}`;
      }
      await sleep(100);
    }
    return `stock changed: ${range}, and the ledger does not say why`;
  }

  #get(target: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.#options.key}` };
    return send(this.#agent, this.#options.url, {
      route: "",
      method: "GET",
      target,
      headers,
      body: undefined,
    });
  }

  async #readPositions(): Promise<readonly PlacedSku[]> {
    const { url, key } = this.#options;
    const { text } = await send(this.#agent, url, {
      route: "",
      method: "POST",
      target: "/v1/availability",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: new TextEncoder().encode(JSON.stringify({ skus: this.#skus })),
    });
    return (JSON.parse(text).items ?? []) as PlacedSku[];
  }

  #pools(): Pools {
    const name = (what: string) => fc.constantFrom(`L${this.#index}-${what}1`, `L${this.#index}-${what}2`);
    const sku = fc.constantFrom(...this.#skus, `L${this.#index}-unknown`);
    // Whatever was made lately is among what the next requests name.
    const reservation = fc.nat().map((index) => this.#reservations[index % this.#reservations.length]);
    return {
      sku,
      orderId: name("O"),
      lineId: name("l"),
      channel: name("c"),
      location: fc.constantFrom("default", "shop"),
      from: fc.constantFrom("default", "shop"),
      to: fc.constantFrom("default", "shop"),
      id: fc.oneof(reservation, name("c")),
      reservationId: reservation,
      // A reservation that ends by itself would look like a change that a refusal made.
      ttlSeconds: fc.constantFrom(3_600, 86_400),
      kind: fc.constantFrom("webhook", "webhook", "shopify", "nothing"),
      settings: fc.constantFrom(
        { url: "http://127.0.0.1:9/" },
        { url: "https://169.254.169.254/" },
        { url: 1 },
        {},
      ),
      onHand: fc.integer({ min: 0, max: 50 }),
      cursor: fc.constantFrom("", "zzz", "WzEsMl0", "W10", "e30"),
      limit: fc.integer({ min: 1, max: 20 }),
    };
  }
}

/** What is wrong with an answer, whatever was asked. */
function faultOf(wire: WireRequest, { status, type, text }: Answer): string | undefined {
  if (status >= 500) return "a server error";
  if (/\n\s+at .+:\d+:\d+|node_modules|\.ts:\d+/.test(text)) return "a stack trace";
  if (status < 400 || wire.method === "HEAD") return undefined;
  if (type !== "application/problem+json") return "a refusal that is no problem";
  const problem = JSON.parse(text) as { type?: unknown; status?: unknown; title?: unknown };
  const isComplete = /\/problems\/[a-z-]+$/.test(String(problem.type)) && typeof problem.title === "string";
  return isComplete && problem.status === status ? undefined : "a problem that is not complete";
}

/** Sends a request and reads its answer; of a stream that does not end only the beginning. */
async function send(agent: Agent, url: string, wire: WireRequest): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const { method, target, body } = wire;
  const headers = {
    ...wire.headers,
    ...(body !== undefined && { "content-length": String(body.byteLength) }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, hostname, port, method, path: target, headers }, (incoming) => {
      const type = incoming.headers["content-type"] ?? "";
      const status = incoming.statusCode ?? 0;
      const chunks: Buffer[] = [];
      const done = () => resolve({ status, type, text: Buffer.concat(chunks).toString() });
      if (type.startsWith("text/event-stream")) {
        done();
        incoming.destroy();
        return;
      }
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", done);
      incoming.on("error", reject);
    });
    outgoing.on("upgrade", (_incoming, socket) => {
      socket.destroy();
      resolve({ status: 101, type: "", text: "" });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

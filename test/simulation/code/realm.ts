import { compileFunction } from "node:vm";
import type worker from "../../../src/worker.ts";
import type { Actor } from "../kernel/actor.ts";
import type { Happening } from "../kernel/timeline.ts";
import { Random } from "../kernel/random.ts";
import { simulatedCrypto } from "./crypto.ts";
import { type RequestSettings, SimulatedRequest, SimulatedResponse } from "./web.ts";

/** What the Worker's script exports. */
export interface Product {
  readonly default: typeof worker;
  readonly [className: string]: unknown;
}

/** What the script asks of the world it runs in. */
export interface Platform {
  nowMs(): number;
  /** Whose turn it is. */
  actor(): Actor;
  fetch(actor: Actor, request: SimulatedRequest): Promise<SimulatedResponse>;
  socketPair(actor: Actor): { 0: unknown; 1: unknown };
  log(actor: Actor, level: string, text: string): void;
}

/** The product's code, loaded once, running in one world after the other. */
export interface Realm {
  readonly product: Product;
  /** From now on the script runs in this world, remembering nothing of the one before. */
  enter(platform: Platform): void;
  /** As when the platform starts the Worker anew: what its modules had in memory is gone. */
  forget(): void;
}

const names = [
  "exports",
  "module",
  "require",
  "__now",
  "__random",
  "__whenForgotten",
  "Date",
  "setTimeout",
  "clearTimeout",
  "scheduler",
  "crypto",
  "fetch",
  "Request",
  "Response",
  "WebSocketPair",
  "WebSocketRequestResponsePair",
  "console",
] as const;

/** Loads a script of `bundleProduct`. */
export function loadRealm(script: string): Realm {
  let platform: Platform | undefined;
  const world = (): Platform => {
    if (platform === undefined) throw new Error("the product runs outside of a world");
    return platform;
  };
  const loading = new Random("loading");
  const resets: (() => void)[] = [];
  const module: { exports: Partial<Product> } = { exports: {} };
  const run = compileFunction(script, [...names], { filename: "product.cjs" });
  const given: Record<(typeof names)[number], unknown> = {
    exports: module.exports,
    module,
    require: required,
    __whenForgotten: (reset: () => void) => resets.push(reset),
    ...clockOf(world, () => platform?.nowMs() ?? 0),
    // Modules draw lots while they are loaded, too: the same ones in every process.
    __random: () => (platform === undefined ? loading.unit() : world().actor().random.unit()),
    crypto: simulatedCrypto(() => world().actor().random),
    fetch: (from: string | SimulatedRequest, settings?: RequestSettings) =>
      world().fetch(world().actor(), new SimulatedRequest(from, settings)),
    Request: SimulatedRequest,
    Response: SimulatedResponse,
    WebSocketPair: function WebSocketPair() {
      return world().socketPair(world().actor());
    },
    WebSocketRequestResponsePair: function WebSocketRequestResponsePair() {
      // What is answered without waking an object is answered by `ServerSocket`.
    },
    console: consoleOf(world),
  };
  Reflect.apply(
    run,
    undefined,
    names.map((name) => given[name]),
  );
  const forget = () => {
    for (const reset of resets) reset();
  };
  return {
    product: module.exports as Product,
    enter(next) {
      platform = next;
      forget();
    },
    forget,
  };
}

function required(name: string): unknown {
  if (name === "cloudflare:workers") return { DurableObject };
  throw new Error(`the Worker asks for ${name}, which no platform has`);
}

/** The platform's base class, as far as objects use it. */
class DurableObject {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

function clockOf(world: () => Platform, nowMs: () => number) {
  return {
    __now: () => Math.floor(nowMs()),
    Date: class extends Date {
      constructor(...args: [] | [number | string]) {
        const [at = Math.floor(nowMs())] = args;
        super(at);
      }

      static override now(): number {
        return Math.floor(nowMs());
      }
    },
    setTimeout: (run: () => void, ms = 0) => world().actor().timer(ms, run),
    clearTimeout: (timer: Happening | undefined) => timer && world().actor().cancel(timer),
    scheduler: { wait: (ms: number) => world().actor().sleep(ms) },
  };
}

function consoleOf(world: () => Platform) {
  const logger = (level: string) => (text: unknown) => world().log(world().actor(), level, String(text));
  return {
    log: logger("log"),
    warn: logger("warn"),
    error: logger("error"),
    info: logger("info"),
    debug: logger("debug"),
  };
}

import { type Backoff, fullJitter } from "../../storage/backoff.ts";
import { StockwireError } from "../errors.ts";
import { sleep } from "../sleep.ts";
import type { ServerMessage } from "../types.ts";

/** What a WebSocket must be able to do; that of browsers, Node, Deno, Bun and Workers can. */
export interface SocketLike {
  send(text: string): void;
  close(code?: number): void;
  addEventListener(
    type: "open" | "message" | "close" | "error",
    listener: (event: SocketEvent) => void,
  ): void;
}

export interface SocketEvent {
  readonly data?: unknown;
}

export type SocketConstructor = new (url: string) => SocketLike;

export interface LiveEffects {
  readonly WebSocket: SocketConstructor | undefined;
  /** Between two attempts to connect. */
  readonly backoff: Backoff;
  /** How often the service is asked whether it is still there. */
  readonly heartbeatMs: number;
}

/** `connecting`: nothing is known yet. `live`: all is known. `interrupted`: what is known may be old. `closed`: it is over. */
export type LiveState = "connecting" | "live" | "interrupted" | "closed";

/** One open line to the service. It is closed by the signal it was opened with. */
export interface Wire {
  /** Says something; a line on which nothing can be said takes no notice. */
  send(text: string): void;
}

export interface WireEvents {
  heard(text: string): void;
  lost(): void;
}

export interface Talk {
  /** Opens a line. Throws StockwireError if the service refuses. */
  open(events: WireEvents, signal: AbortSignal): Promise<Wire>;
  /** The line is open: say what is wanted. */
  begin(wire: Wire): void;
  heard(message: ServerMessage): void;
  interrupted(): void;
  /** It is over for good: `error` if it was not closed by its owner. */
  ended(error?: unknown): void;
}

/** Beats without a sign of life after which a line counts as dead. */
const silentBeatsMax = 2;

/**
 * Keeps a line open until it is told to stop or the service refuses it: opens it again, with full jitter, whenever it is
 * lost or falls silent.
 */
export class Connection {
  readonly #talk: Talk;
  readonly #effects: LiveEffects;
  readonly #stopping = new AbortController();
  #attempts = 0;

  constructor(talk: Talk, effects: LiveEffects) {
    this.#talk = talk;
    this.#effects = effects;
  }

  /** Runs until `stop`; never throws. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#once();
        if (signal.aborted) break;
        this.#talk.interrupted();
        this.#attempts += 1;
        await sleep(fullJitter(this.#effects.backoff, this.#attempts - 1, Math.random()), signal);
      } catch (error) {
        if (signal.aborted) break;
        this.#talk.ended(error);
        return;
      }
    }
    this.#talk.ended();
  }

  /** What was asked for is there: the next break is the first one. */
  settled(): void {
    this.#attempts = 0;
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** One line from opening to its end. Throws only what trying again cannot mend. */
  async #once(): Promise<void> {
    const line = new AbortController();
    const end = () => line.abort();
    const ended = new Promise<undefined>((resolve) => {
      line.signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    let silentBeats = 0;
    let wire: Wire | undefined;
    let failure: unknown;
    const events: WireEvents = {
      heard: (text) => {
        silentBeats = 0;
        try {
          if (text !== "pong") this.#talk.heard(JSON.parse(text) as ServerMessage);
        } catch (error) {
          failure = error;
          end();
        }
      },
      lost: end,
    };
    this.#stopping.signal.addEventListener("abort", end, { once: true });
    const beat = setInterval(() => {
      if (silentBeats >= silentBeatsMax) end();
      silentBeats += 1;
      wire?.send("ping");
    }, this.#effects.heartbeatMs);
    try {
      wire = await Promise.race([this.#talk.open(events, line.signal), ended]);
      if (wire !== undefined) this.#talk.begin(wire);
      await ended;
      if (failure !== undefined) throw failure;
    } catch (error) {
      // What was under way when the line ended says nothing of its own.
      if (line.signal.aborted && error !== failure) return;
      if (!(error instanceof StockwireError) || !error.retryable) throw error;
    } finally {
      clearInterval(beat);
      this.#stopping.signal.removeEventListener("abort", end);
      end();
    }
  }
}

/** Opens a WebSocket; resolves once it is open, or lost before. `headers`: only where the runtime takes them. */
export function openSocket(
  WebSocket: SocketConstructor,
  url: string,
  events: WireEvents,
  signal: AbortSignal,
  headers?: Readonly<Record<string, string>>,
): Promise<Wire> {
  // Node, Deno and Bun take headers as a second argument, which is not in the standard.
  const Socket: new (url: string, options?: object) => SocketLike = WebSocket;
  const socket = headers === undefined ? new Socket(url) : new Socket(url, { headers });
  let isOpen = false;
  const wire: Wire = {
    send: (text) => {
      if (isOpen) socket.send(text);
    },
  };
  return new Promise((resolve) => {
    const end = () => {
      isOpen = false;
      events.lost();
      resolve(wire);
    };
    socket.addEventListener("open", () => {
      isOpen = true;
      resolve(wire);
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") events.heard(data);
    });
    socket.addEventListener("close", end);
    socket.addEventListener("error", end);
    signal.addEventListener("abort", () => socket.close(1000), { once: true });
  });
}

/** `http` becomes `ws`, `https` becomes `wss`. */
export function socketUrl(url: string, path: string): string {
  return url.replace(/^http/, "ws") + path;
}

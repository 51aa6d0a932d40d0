import type { SocketConstructor, SocketEvent, SocketLike } from "../../../src/client/index.ts";

type Type = "open" | "message" | "close" | "error";

/** A socket whose other end is the test. */
export class FakeSocket implements SocketLike {
  readonly url: string;
  readonly options: unknown;
  readonly said: unknown[] = [];
  isClosed = false;
  readonly #listeners: { readonly type: Type; readonly listener: (event: SocketEvent) => void }[] = [];

  constructor(url: string, options: unknown) {
    this.url = url;
    this.options = options;
  }

  send(text: string): void {
    this.said.push(text === "ping" ? text : JSON.parse(text));
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#fire("close");
  }

  addEventListener(type: Type, listener: (event: SocketEvent) => void): void {
    this.#listeners.push({ type, listener });
  }

  open(): void {
    this.#fire("open");
  }

  hear(message: object | string): void {
    this.#fire("message", { data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  #fire(type: Type, event: SocketEvent = {}): void {
    for (const one of this.#listeners) if (one.type === type) one.listener(event);
  }
}

/** Sockets as they are opened. */
export function fakeSockets(): { readonly opened: FakeSocket[]; readonly WebSocket: SocketConstructor } {
  const opened: FakeSocket[] = [];
  class Socket extends FakeSocket {
    constructor(url: string, options?: unknown) {
      super(url, options);
      opened.push(this);
    }
  }
  return { opened, WebSocket: Socket };
}

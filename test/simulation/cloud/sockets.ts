import type { Actor } from "../kernel/actor.ts";
import { over } from "../kernel/settled.ts";
import type { Timeline } from "../kernel/timeline.ts";
import type { Faults } from "../faults/faults.ts";
import type { Instance, ObjectRecord } from "./instance.ts";

/** How long a message is on its way. */
const wayMs = { typical: 3, longest: 200 };

/** Whoever holds the other end of a socket. */
export interface Listener {
  message(text: string): void;
  /** The connection is over, from whichever side. */
  closed(code: number): void;
}

/** What a socket needs of the world. */
export interface SocketWorld {
  readonly timeline: Timeline;
  readonly faults: Faults;
  deliver(record: ObjectRecord, run: (instance: Instance) => void, fail: (error: Error) => void): void;
}

/** The end of a socket that a client of the service holds. */
export class ClientSocket {
  readonly #world: SocketWorld;
  #server: ServerSocket | undefined;
  #listener: Listener | undefined;
  #owner: Actor | undefined;
  #early: string[] = [];
  /** The code of an end that came before anybody listened. */
  #endedEarly: number | undefined;
  #lastAtMs = 0;
  isOpen = true;

  constructor(world: SocketWorld) {
    this.#world = world;
  }

  pair(server: ServerSocket): void {
    this.#server = server;
  }

  /** What came before somebody listened comes now. */
  listen(owner: Actor, listener: Listener): void {
    this.#owner = owner;
    this.#listener = listener;
    for (const text of this.#early) listener.message(text);
    this.#early = [];
    if (this.#endedEarly !== undefined) listener.closed(this.#endedEarly);
  }

  send(text: string): void {
    const { timeline } = this.#world;
    timeline.at(this.#next(), undefined, () => this.#server?.hear(text));
  }

  /** Nobody holds this end: whoever was to have it never heard of it. */
  abandon(): void {
    this.close();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#world.timeline.at(this.#next(), undefined, () => this.#server?.hearClose(1000));
  }

  /** The server sent something, in this order. */
  take(text: string): void {
    this.#world.timeline.at(this.#next(), this.#owner, () => {
      if (!this.isOpen) return;
      if (this.#listener === undefined) this.#early.push(text);
      else this.#listener.message(text);
    });
  }

  /** The connection breaks, or the server ends it. */
  end(code: number): void {
    this.#world.timeline.at(this.#next(), this.#owner, () => {
      if (!this.isOpen) return;
      this.isOpen = false;
      if (this.#listener === undefined) this.#endedEarly = code;
      else this.#listener.closed(code);
    });
  }

  /** Messages stay in order, so none arrives before the one before it. */
  #next(): number {
    const { timeline } = this.#world;
    const random = this.#server?.random;
    const wanted = timeline.nowMs + (random?.delay(wayMs.typical, wayMs.longest) ?? 0);
    this.#lastAtMs = Math.max(this.#lastAtMs, wanted);
    return this.#lastAtMs;
  }
}

/** The end that an object holds, as the platform shows it. It outlives the object's memory. */
export class ServerSocket {
  readonly client: ClientSocket;
  readonly #world: SocketWorld;
  #record: ObjectRecord | undefined;
  #instance: Instance | undefined;
  #attachment: string | undefined;
  #isOpen = true;

  constructor(world: SocketWorld, client: ClientSocket) {
    this.#world = world;
    this.client = client;
    client.pair(this);
  }

  /** As the platform's sockets tell it: 1 while open, 3 when it is over. */
  get readyState(): number {
    return this.#isOpen ? 1 : 3;
  }

  get random() {
    return this.#record?.random;
  }

  /** The object takes it on. */
  accept(record: ObjectRecord, instance: Instance): void {
    this.#record = record;
    this.#instance = instance;
    record.sockets.add(this);
  }

  /** An instance that begins has the sockets of the one before. */
  handTo(instance: Instance): void {
    this.#instance = instance;
  }

  send(text: string): void {
    if (!this.#isOpen) throw new Error("the socket is closed");
    this.#instance?.emit(() => {
      if (this.#isOpen && this.#world.faults.strikes("socket-cut", this.#record?.label ?? "")) this.cut();
      if (this.#isOpen) this.client.take(text);
    });
  }

  close(code = 1000): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // If the object dies before that leaves, the connection just breaks.
    this.#instance?.emit(() => {
      this.#record?.sockets.delete(this);
      this.client.end(code);
    });
  }

  /** The connection breaks: the client notices, and so does the object. */
  cut(): void {
    if (!this.#isOpen) return;
    this.client.end(1006);
    this.hearClose(1006);
  }

  /** The object died, and the connection with it: only the client notices. */
  orphan(): void {
    this.#isOpen = false;
    this.client.end(1006);
  }

  hear(text: string): void {
    if (!this.#isOpen) return;
    if (text === "ping") return this.client.take("pong");
    this.#tell("webSocketMessage", text);
  }

  hearClose(code: number): void {
    if (!this.#isOpen) return;
    this.#tell("webSocketClose", code);
    this.#isOpen = false;
    this.#record?.sockets.delete(this);
  }

  serializeAttachment(value: unknown): void {
    this.#attachment = JSON.stringify(value);
  }

  deserializeAttachment(): unknown {
    return this.#attachment === undefined ? null : JSON.parse(this.#attachment);
  }

  #tell(method: string, argument: string | number): void {
    const record = this.#record;
    if (record === undefined) return;
    this.#world.timeline.at(this.#world.timeline.nowMs, undefined, () =>
      this.#world.deliver(
        record,
        (instance) => {
          this.#instance = instance;
          const pending = { fail: () => undefined };
          instance.pending.add(pending);
          void over(
            () => instance.object[method]?.(this, argument),
            () => instance.emit(() => instance.pending.delete(pending)),
          );
        },
        () => undefined,
      ),
    );
  }
}

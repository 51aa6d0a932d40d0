import type { EventsMessage } from "../protocol/live.ts";
import { formatTailCursor, type Tail, type TailPlace } from "../ledger/tail.ts";
import { log } from "../telemetry/log.ts";

/** How often the ledger is asked for news while somebody listens. */
const intervalMs = 200;
/** Projections read at once; one adds up to some hundred events. */
const batchesAtOnce = 20;
/** How long the ledger rests after it could not be read. */
const failureRestMs = 1_000;

export interface FirehoseEffects<Peer> {
  sleep(ms: number): Promise<void>;
  /** What came into the ledger after a place. */
  read(place: TailPlace, batchesMax: number): Promise<Tail>;
  send(peer: Peer, message: EventsMessage): void;
  /** What a listener should get next is no longer kept in order. */
  expired(peer: Peer): void;
}

/**
 * Gives listeners the events of the whole ledger, each once, in the order in which the ledger got them. It follows the
 * ledger itself, not the news on their way to it: so nothing that is told can be missing there, and the place of a
 * listener is one number for each of its databases.
 */
export class Firehose<Peer> {
  readonly #effects: FirehoseEffects<Peer>;
  /** Up to where each listener has it. */
  readonly #places = new Map<Peer, TailPlace>();
  readonly #reading = new Map<string, Promise<Tail | undefined>>();

  constructor(effects: FirehoseEffects<Peer>) {
    this.#effects = effects;
  }

  isListening(peer: Peer): boolean {
    return this.#places.has(peer);
  }

  drop(peer: Peer): void {
    this.#places.delete(peer);
  }

  /**
   * Serves a listener from a place on. Resolves when it is dropped. Listeners at the same place share what is read.
   */
  async listen(peer: Peer, from: TailPlace): Promise<void> {
    this.#places.set(peer, from);
    for (let place = this.#places.get(peer); place !== undefined; place = this.#places.get(peer)) {
      const hasNews = await this.#advance(peer, place);
      if (!hasNews) await this.#effects.sleep(intervalMs);
    }
  }

  async #advance(peer: Peer, place: TailPlace): Promise<boolean> {
    const tail = await this.#read(place);
    if (tail === undefined) return false;
    if (!this.#places.has(peer)) return false;
    if (tail.isIncomplete) {
      this.drop(peer);
      this.#effects.expired(peer);
      return false;
    }
    for (const batch of tail.batches) {
      this.#places.set(peer, batch.place);
      const cursor = formatTailCursor(batch.place);
      this.#effects.send(peer, { type: "events", cursor, events: [...batch.items] });
    }
    return tail.batches.length > 0;
  }

  /** Those who wait at the same place share one query. */
  #read(place: TailPlace): Promise<Tail | undefined> {
    const name = place.join();
    const known = this.#reading.get(name);
    if (known !== undefined) return known;
    const reading = this.#tryRead(place).finally(() => this.#reading.delete(name));
    this.#reading.set(name, reading);
    return reading;
  }

  async #tryRead(place: TailPlace): Promise<Tail | undefined> {
    try {
      return await this.#effects.read(place, batchesAtOnce);
    } catch (error) {
      log("feed.ledger_unreadable", {}, { error });
      await this.#effects.sleep(failureRestMs);
      return undefined;
    }
  }
}

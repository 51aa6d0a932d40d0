import { ChannelUnreadableError, type LevelPage } from "../kit/adapter.ts";
import type { OtherCalls } from "../publishing/other-calls.ts";
import { type Backoff, halfJitter } from "../../storage/backoff.ts";

const retryBackoff: Backoff = { baseMs: 2_000, maxMs: 15 * 60_000 };

/** Failed attempts in a row after which a run ends: about half an hour of trying. */
export const failuresMax = 12;

/** More pages than any channel has: one whose pages go round must not be read for ever. */
const pagesMax = 50_000;

/** How far a run has come in reading a channel from end to end. */
export interface Reading {
  readonly cursor?: string | undefined;
  readonly pages: number;
  readonly failures: number;
}

/** What reading the next page brought. */
export type PageRead =
  /** `atMs`: when it was asked for. */
  | { readonly outcome: "read"; readonly page: LevelPage; readonly atMs: number }
  | {
      readonly outcome: "failed";
      readonly detail: string;
      readonly retryAtMs: number;
      readonly isFinal: boolean;
    };

export interface PageReaderEffects {
  now(): number;
  random(): number;
  calls(): OtherCalls;
  /** Throws if the channel cannot be read. */
  readPage(cursor: string | undefined): Promise<LevelPage>;
}

/** Reads a channel page by page, within its limits; shared by all runs of a channel. */
export class PageReader {
  readonly #effects: PageReaderEffects;

  constructor(effects: PageReaderEffects) {
    this.#effects = effects;
  }

  nextAtMs(): number {
    return this.#effects.calls().nextAtMs();
  }

  /** Never throws: what goes wrong is a value, with the time of the next attempt. */
  async read(reading: Reading): Promise<PageRead> {
    const effects = this.#effects;
    const atMs = effects.now();
    try {
      const page = await effects.calls().make(() => effects.readPage(reading.cursor));
      const goesRound = page.next !== undefined && page.next === reading.cursor;
      if (!goesRound && reading.pages < pagesMax) return { outcome: "read", page, atMs };
      return { outcome: "failed", detail: "the channel's pages do not end", retryAtMs: atMs, isFinal: true };
    } catch (error) {
      return this.failed(reading, error);
    }
  }

  /** What a failure of a step means: when to try it again, or that it was the last one. */
  failed(reading: Reading, error: unknown): Extract<PageRead, { outcome: "failed" }> {
    const isChannels = error instanceof ChannelUnreadableError;
    const detail = isChannels ? error.message : `this step failed: ${String(error)}`;
    const restMs = halfJitter(retryBackoff, reading.failures, this.#effects.random());
    const silenceMs = isChannels ? (error.retryAfterMs ?? 0) : 0;
    const retryAtMs = this.#effects.now() + Math.max(restMs, silenceMs);
    return { outcome: "failed", detail, retryAtMs, isFinal: reading.failures + 1 >= failuresMax };
  }
}

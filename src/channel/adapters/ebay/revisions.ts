import { z } from "zod";
import { type Change, judgeRevision, type Verdict } from "./budget.ts";
import { type Day, dayAt } from "./day.ts";
import { type EbayContext, timeZoneOf } from "./settings.ts";

/** The counts lie in so many parts of the vault, so that one revision writes one small text. */
const partCount = 32;

const Part = z.strictObject({ day: z.string(), used: z.record(z.string(), z.int().min(0)) });
type Part = z.infer<typeof Part>;

/** A revision that asks whether it may go. */
export interface Asked {
  /** The listing, whatever its offers and variations: eBay counts by listing. */
  readonly listing: string;
  readonly change: Change;
}

const counters = new WeakMap<EbayContext, RevisionCounter>();

export function revisionsOf(context: EbayContext): RevisionCounter {
  const known = counters.get(context);
  if (known !== undefined) return known;
  const counter = new RevisionCounter(context);
  counters.set(context, counter);
  return counter;
}

/** Counts each listing's revisions of the day, in memory and in the channel's vault. */
export class RevisionCounter {
  readonly #context: EbayContext;
  readonly #parts = new Map<number, Promise<Part>>();
  readonly #lastAtMs = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  constructor(context: EbayContext) {
    this.#context = context;
  }

  /** Which of these may go now; those count from here on, durably before this resolves. */
  async admit(revisions: readonly Asked[]): Promise<Verdict[]> {
    const numbers = [...new Set(revisions.map(({ listing }) => partOf(listing)))];
    const loaded = await Promise.all(
      numbers.map(async (number) => [number, await this.#load(number)] as const),
    );
    const parts = new Map(loaded);
    const nowMs = this.#context.now();
    const day = dayAt(nowMs, timeZoneOf(this.#context.settings));
    // Nothing is awaited between judging and counting, so that calls at the same time cannot both take the last one.
    const verdicts = revisions.map((revision) =>
      this.#take(revision, parts.get(partOf(revision.listing)), day, nowMs),
    );
    const touched = new Set(
      revisions.flatMap(({ listing }, index) => (verdicts[index]?.mayGo ? [partOf(listing)] : [])),
    );
    await this.#store([...touched]);
    return verdicts;
  }

  /** eBay did not take these: they do not count. Kept with the next change; until then a restart would count them. */
  async giveBack(listings: readonly string[]): Promise<void> {
    for (const listing of listings) {
      const part = await this.#load(partOf(listing));
      part.used[listing] = Math.max(0, (part.used[listing] ?? 0) - 1);
    }
  }

  #take({ listing, change }: Asked, part: Part | undefined, day: Day, nowMs: number): Verdict {
    if (part === undefined) throw new Error("the listing's counts were not read");
    if (part.day !== day.name) {
      part.day = day.name;
      part.used = {};
    }
    const used = part.used[listing] ?? 0;
    const verdict = judgeRevision(
      change,
      { used, lastAtMs: this.#lastAtMs.get(listing) },
      nowMs,
      day.endsAtMs,
    );
    if (verdict.mayGo) {
      part.used[listing] = used + 1;
      this.#lastAtMs.set(listing, nowMs);
    }
    return verdict;
  }

  #load(number: number): Promise<Part> {
    const known = this.#parts.get(number);
    if (known !== undefined) return known;
    const part = this.#read(number);
    this.#parts.set(number, part);
    part.catch(() => this.#parts.delete(number));
    return part;
  }

  async #read(number: number): Promise<Part> {
    const text = await this.#context.vault.read(nameOf(number));
    return text === undefined ? { day: "", used: {} } : Part.parse(JSON.parse(text));
  }

  /** One after the other, each with what is true by then: an older count must not come after a newer one. */
  async #store(numbers: readonly number[]): Promise<void> {
    const writing = this.#writeAfter(this.#writing, numbers);
    // Whoever waits for this write hears of its failure; the next one goes on all the same.
    this.#writing = writing.catch(() => undefined);
    await writing;
  }

  async #writeAfter(earlier: Promise<void>, numbers: readonly number[]): Promise<void> {
    await earlier;
    for (const number of numbers) {
      await this.#context.vault.write(nameOf(number), JSON.stringify(await this.#load(number)));
    }
  }
}

function nameOf(number: number): string {
  return `revisions-${number}`;
}

/** FNV-1a. */
function partOf(listing: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < listing.length; index += 1) {
    hash = Math.imul(hash ^ listing.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash % partCount;
}

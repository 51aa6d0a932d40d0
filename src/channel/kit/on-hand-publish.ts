import type { Publication, PublishResult } from "./adapter.ts";
import { type ApiAnswer, resultOf } from "./api-failure.ts";
import { nextStep, offeredBy, offersTooMuch, type OnHandLevel } from "./on-hand.ts";

/** A write that parcels keep crossing is given up for now after so many. */
const roundsMax = 3;

/** A publication whose item was found on the channel, with what it has there. */
export interface StockedItem<Item> {
  readonly outcome: "stocked";
  readonly item: Item;
  readonly level: OnHandLevel;
}

export interface LevelWrite<Item> {
  readonly item: Item;
  readonly onHand: number;
}

/** How one kind of channel is read and written. Answers stand in the order of what was asked. */
export interface OnHandApi<Item> {
  read(
    publications: readonly Publication[],
  ): Promise<ApiAnswer<readonly (StockedItem<Item> | PublishResult)[]>>;
  /** The levels after the write. A failure that is `refused` is taken to be about one of the items. */
  write(writes: readonly LevelWrite<Item>[]): Promise<ApiAnswer<readonly (OnHandLevel | PublishResult)[]>>;
}

interface Planned<Item> extends LevelWrite<Item> {
  readonly task: Task;
  readonly offers: number;
}

/** A publication, and what the channel is to show and expected to show in this round. */
interface Task {
  readonly publication: Publication;
  readonly quantity: number;
  readonly expected: number | undefined;
}

/**
 * Publishes to a channel that counts what is there: reads the levels, compares them with what is expected, writes, and
 * looks at what the writes made.
 *
 * A sale between read and write is not put back on sale: the channel subtracts it from what was written. A parcel that
 * leaves in that time would be, so the levels after the write are looked at, and written again if they offer too much.
 */
export async function publishOnHand<Item>(
  api: OnHandApi<Item>,
  publications: readonly Publication[],
): Promise<PublishResult[]> {
  const results = new Map<Publication, PublishResult>();
  let open: readonly Task[] = publications.map((publication) => {
    const { quantity, expected } = publication;
    return { publication, quantity, expected };
  });
  for (let round = 0; round < roundsMax && open.length > 0; round += 1) {
    const found = await api.read(open.map(({ publication }) => publication));
    if (found.outcome === "failed") {
      for (const { publication } of open) results.set(publication, resultOf(found));
      open = [];
      break;
    }
    const planned: Planned<Item>[] = [];
    for (const [index, task] of open.entries()) {
      const step = plan(task, found.value[index]);
      if ("item" in step) planned.push(step);
      else results.set(task.publication, step);
    }
    open = await writeAll(api, planned, results);
  }
  for (const { publication } of open) {
    results.set(publication, { outcome: "retry", detail: "parcels leave faster than the level can be set" });
  }
  return publications.map((publication) => results.get(publication) ?? unanswered);
}

const unanswered: PublishResult = { outcome: "retry", detail: "the channel did not answer for this item" };

function plan<Item>(
  task: Task,
  found: StockedItem<Item> | PublishResult | undefined,
): Planned<Item> | PublishResult {
  if (found === undefined) return unanswered;
  if (found.outcome !== "stocked") return found;
  const step = nextStep(task, found.level);
  if (step.step === "done") return step.result;
  return { task, item: found.item, onHand: step.onHand, offers: step.offers };
}

/** What has to go round once more. */
async function writeAll<Item>(
  api: OnHandApi<Item>,
  planned: readonly Planned<Item>[],
  results: Map<Publication, PublishResult>,
): Promise<Task[]> {
  if (planned.length === 0) return [];
  const answer = await api.write(planned.map(({ item, onHand }) => ({ item, onHand })));
  if (answer.outcome === "failed") {
    const again: Task[] = [];
    // One bad item fails the whole request: each is tried alone, to blame only that one.
    if (answer.reason === "refused" && planned.length > 1) {
      for (const single of planned) again.push(...(await writeAll(api, [single], results)));
    } else {
      for (const { task } of planned) results.set(task.publication, resultOf(answer));
    }
    return again;
  }
  return planned.flatMap(({ task: { publication }, offers }, index) => {
    const after = answer.value[index] ?? unanswered;
    if (!("outcome" in after) && offersTooMuch(offers, after)) {
      // From now on it is expected to show what this write made of it, and not what the core knows.
      return [{ publication, quantity: offers, expected: offeredBy(after) }];
    }
    results.set(publication, "outcome" in after ? after : { outcome: "ok" });
    return [];
  });
}

import type { BulkAnswer } from "../protocol/answers.ts";
import type { BulkItem } from "../protocol/bulk.ts";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";
import { publishEvent } from "../stock/publish.ts";
import { type Catalogue, nowhere, settingsProblem } from "./kit-check.ts";
import { problemBody, ProblemError, refusalProblem } from "../http/problem.ts";

type Answer = BulkAnswer["items"][number];

/** What became of a mutation; `held`: a shard did it, which has no event to show. */
export type BulkResult = MutationResult | { readonly outcome: "held"; readonly replayed: boolean };

/** What a bulk request does to the world. Whoever provides it sees to it that not too much is under way at once. */
export interface BulkEffects extends Catalogue {
  /** Applies mutations of one SKU, in order. */
  mutate(sku: string, requests: MutationRequest[]): Promise<BulkResult[]>;
  /** Lets orders know of the lines that commits have made. */
  adopt(sku: string, results: readonly BulkResult[]): Promise<void>;
  /** Told of a SKU that could not be reached, or failed. */
  failed(sku: string, error: unknown): void;
}

/** An item of a bulk request, and what it asks of its SKU. */
export interface BulkMutation {
  readonly item: BulkItem;
  readonly request: MutationRequest;
}

interface Indexed extends BulkMutation {
  readonly index: number;
  /** Why it makes no sound kit, if it does not. */
  readonly unsound?: ProblemError;
}

/** Applies the mutations of a bulk request, one call per SKU; answers each, in the order given. */
export async function applyBulk(mutations: readonly BulkMutation[], effects: BulkEffects): Promise<Answer[]> {
  const answers: Answer[] = [];
  const applyTo = async ([sku, group]: readonly [string, Indexed[]]): Promise<void> => {
    try {
      const checked = await Promise.all(group.map((mutation) => withKitCheck(mutation, effects)));
      const results = await effects.mutate(
        sku,
        checked.map(({ request }) => request),
      );
      await effects.adopt(sku, results);
      for (const [at, mutation] of checked.entries())
        answers[mutation.index] = answerOf(mutation, results[at]);
    } catch (error) {
      // The other SKUs stand. What this one did before it failed is answered from its keys on a retry.
      effects.failed(sku, error);
      for (const { index, item } of group) answers[index] = problemAnswer(item, unavailable());
    }
  };

  const indexed = mutations.map((mutation, index) => ({ ...mutation, index }));
  const groups = [...Map.groupBy(indexed, ({ item }) => item.sku)];
  // Kits come second: the same request may create what they are made of.
  for (const isKitsTurn of [false, true]) {
    const turn = groups.filter(([, group]) => group.some(makesKit) === isKitsTurn);
    await Promise.all(turn.map(applyTo));
  }
  return answers;
}

function makesKit({ item }: BulkMutation): boolean {
  return item.type === "create" && item.components !== undefined && item.components.length > 0;
}

async function withKitCheck(mutation: Indexed, catalogue: Catalogue): Promise<Indexed> {
  const { item, request } = mutation;
  if (item.type !== "create" || (item.components === undefined && item.shards === undefined)) return mutation;
  const unsound = await settingsProblem(item.sku, item, catalogue);
  return unsound === undefined
    ? mutation
    : { ...mutation, unsound, request: { ...request, ifMatch: nowhere } };
}

function answerOf({ item, unsound }: Indexed, result: BulkResult | undefined): Answer {
  if (result === undefined) return problemAnswer(item, new ProblemError("internal-error"));
  if (result.outcome === "held") {
    return { ...addressOf(item), status: 200, ...(result.replayed && { replayed: true }) };
  }
  if (result.outcome === "refused") {
    const isOnlyUnsound = unsound !== undefined && result.refusal.code === "version-mismatch";
    const problem = isOnlyUnsound ? unsound : refusalProblem(item.sku, result);
    return problemAnswer(item, problem, result.replayed);
  }
  const { event, position, stock, replayed } = result;
  return {
    ...addressOf(item),
    status: item.type === "reserve" || event?.type === "created" ? 201 : 200,
    ...(replayed && { replayed }),
    ...(event !== undefined && { event: publishEvent(item.sku, position, event) }),
    stock,
  };
}

function problemAnswer(item: BulkItem, { slug, members }: ProblemError, replayed = false): Answer {
  const problem = problemBody(slug, members);
  return { ...addressOf(item), status: problem.status, ...(replayed && { replayed }), problem };
}

function addressOf({ key, sku }: BulkItem): Pick<Answer, "key" | "sku"> {
  return { key, sku };
}

function unavailable(): ProblemError {
  return new ProblemError("unavailable", { detail: "send this item again with the same key" });
}

import type { StockEventsMessage } from "../protocol/queue.ts";
import type { MutationRequest, MutationResult } from "../sku/contract.ts";

/** SKUs told at once; their news goes to the queue while the next ones are told. */
const skusAtOnce = 16;

/**
 * Tells SKUs what concerns them, many at a time, and puts their news on the queue together. Results are in the order
 * of the requests.
 */
export async function tellSkus(
  skus: Env["SKU"],
  requests: readonly (readonly [sku: string, requests: MutationRequest[]])[],
  send: (news: StockEventsMessage[]) => void,
): Promise<MutationResult[][]> {
  const results: MutationResult[][] = [];
  for (let start = 0; start < requests.length; start += skusAtOnce) {
    const slice = requests.slice(start, start + skusAtOnce);
    const answers = await Promise.all(
      slice.map(([sku, mutations]) => skus.getByName(sku).mutateAndHandOver(mutations)),
    );
    send(answers.flatMap((answer) => answer.news));
    results.push(...answers.map((answer) => answer.results));
    // Lets others have their turn: in one process, calls that follow each other without a pause starve all else.
    if (start + skusAtOnce < requests.length) await scheduler.wait(0);
  }
  return results;
}

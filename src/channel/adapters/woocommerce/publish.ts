import { z } from "zod";
import type { Publication, PublishResult } from "../../kit/adapter.ts";
import { BatchSize, half } from "./batch-size.ts";
import { isInvalidId, type Problem, request, resultOf, type WooContext, words } from "./client.ts";
import { itemOf, ownId } from "./item.ts";
import { batchDefault } from "./settings.ts";
import { BatchAnswer, type ItemError, Product } from "./shapes.ts";

/** Requests at once for one call of `publish`. */
const parallelMax = 2;

/** By configuration: what a shop bears is learnt. */
const sizes = new WeakMap<WooContext, BatchSize>();

/** A publication whose item is known; `index` is its place among all that are to be answered. */
interface Told {
  readonly index: number;
  readonly id: string;
  readonly publication: Publication;
}

/** Told items that go to one address: products, or the variations of one product. */
interface Group {
  readonly path: string;
  readonly told: readonly Told[];
}

/** By the index of a publication. `halt`: nothing else needs to be asked, the answer would be this. */
interface Answered {
  readonly results: ReadonlyMap<number, PublishResult>;
  readonly halt?: PublishResult | undefined;
}

export async function publish(
  context: WooContext,
  publications: readonly Publication[],
): Promise<PublishResult[]> {
  const results = new Map<number, PublishResult>();
  const size = sizeOf(context);
  const waiting = groupsOf(publications).flatMap((group) => chunksOf(group, size.current));
  let halt: PublishResult | undefined;
  const work = async () => {
    for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
      const answered = halt === undefined ? await tell(context, chunk, size) : allOf(chunk.told, halt);
      for (const [index, result] of answered.results) results.set(index, result);
      halt ??= answered.halt;
    }
  };
  await Promise.all(Array.from({ length: parallelMax }, work));
  return publications.map((_, index) => results.get(index) ?? unlisted);
}

const unlisted: PublishResult = {
  outcome: "rejected",
  detail:
    "this listing does not say which product of the shop it is: give it `external`, or import the listings",
};

/** Compares, then writes what is as expected. There is no compare-and-set: between the two lie some milliseconds. */
async function tell(context: WooContext, chunk: Group, size: BatchSize): Promise<Answered> {
  const compared = await compare(context, chunk);
  if ("problem" in compared) return failedAll(chunk.told, compared.problem);
  const toWrite = chunk.told.filter(({ index }) => !compared.moved.has(index));
  const written = await write(context, { ...chunk, told: toWrite }, size);
  return { ...written, results: new Map([...compared.moved, ...written.results]) };
}

async function compare(
  context: WooContext,
  { path, told }: Group,
): Promise<{ readonly moved: Map<number, PublishResult> } | { readonly problem: Problem }> {
  const known = told.filter(({ publication }) => publication.expected !== undefined);
  const moved = new Map<number, PublishResult>();
  if (known.length === 0) return { moved };
  const ids = [...new Set(known.map(({ id }) => id))];
  const query = {
    include: ids.join(","),
    per_page: String(ids.length),
    _fields: "id,manage_stock,stock_quantity",
  };
  const shown = await request(context, { method: "GET", path, query }, z.array(Product));
  // A product that is gone is better told by the answer to the write, which names it.
  if (!shown.isOk) return isInvalidId(shown.problem) ? { moved } : shown;
  const byId = new Map(shown.value.map((product) => [String(product.id), product]));
  for (const { index, id, publication } of known) {
    const actual = countOf(byId.get(id));
    if (actual !== undefined && actual !== publication.expected)
      moved.set(index, { outcome: "moved", actual });
  }
  return { moved };
}

async function write(context: WooContext, chunk: Group, size: BatchSize): Promise<Answered> {
  const { path, told } = chunk;
  if (told.length === 0) return { results: new Map() };
  const update = told.map(({ id, publication }) => ({
    id: Number(id),
    manage_stock: true,
    stock_quantity: publication.quantity,
  }));
  const result = await request(
    context,
    { method: "POST", path: `${path}/batch`, body: { update } },
    BatchAnswer,
  );
  if (result.isOk) {
    size.succeeded(told.length);
    const { update: answers } = result.value;
    return { results: new Map(told.map((one, at) => [one.index, itemResult(answers[at], one)])) };
  }
  const { problem } = result;
  if (problem.status === 413 && told.length > 1) {
    size.tooLarge(told.length);
    const cut = half(told.length);
    const first = await write(context, { path, told: told.slice(0, cut) }, size);
    const second = await write(context, { path, told: told.slice(cut) }, size);
    return { results: new Map([...first.results, ...second.results]), halt: first.halt ?? second.halt };
  }
  if (problem.status === undefined || problem.status >= 500) size.brokeDown(told.length);
  return failedAll(told, problem);
}

/** Answers stand in the order of the request. */
function itemResult(
  answer: z.infer<typeof BatchAnswer>["update"][number] | undefined,
  { id, publication }: Told,
): PublishResult {
  if (answer === undefined || String(answer.id) !== id) {
    return { outcome: "retry", detail: "the shop's answer does not mention this item" };
  }
  if (answer.error !== undefined) return refusal(answer.error);
  const product = Product.safeParse(answer);
  if (!product.success)
    return { outcome: "retry", detail: "the shop's answer on this item cannot be understood" };
  const count = countOf(product.data);
  if (count === publication.quantity) return { outcome: "ok" };
  if (count !== undefined)
    return { outcome: "retry", detail: `the shop shows ${count} after it was told ${publication.quantity}` };
  return {
    outcome: "rejected",
    detail:
      "the shop does not count this item: turn on WooCommerce > Settings > Products > Inventory > Enable stock management; external and grouped products have no stock of their own",
  };
}

function refusal(error: ItemError): PublishResult {
  const status = z.looseObject({ status: z.number() }).safeParse(error.data);
  const detail = [error.code, error.message].filter((part) => part !== undefined && part !== "").map(String);
  const said = words(detail.join(": "));
  // The key or the server is at fault, not the number.
  const isTransient = status.success && [401, 403, 429, 500, 503].includes(status.data.status);
  return {
    outcome: isTransient ? "retry" : "rejected",
    detail: said === "" ? "refused without a reason" : said,
  };
}

/** Units that an item shows; undefined if it does not count by itself. */
export function countOf(product: Product | undefined): number | undefined {
  if (product?.manage_stock !== true) return undefined;
  const quantity = product.stock_quantity;
  return typeof quantity === "number" && Number.isInteger(quantity) ? quantity : undefined;
}

function groupsOf(publications: readonly Publication[]): Group[] {
  const groups = new Map<string, Told[]>();
  publications.forEach((publication, index) => {
    const item = itemOf(publication.external);
    if (item === undefined) return;
    const path = item.variationId === undefined ? "products" : `products/${item.productId}/variations`;
    const told = groups.get(path) ?? [];
    told.push({ index, id: ownId(item), publication });
    groups.set(path, told);
  });
  return [...groups].map(([path, told]) => ({ path, told }));
}

function chunksOf({ path, told }: Group, max: number): Group[] {
  const chunks: Group[] = [];
  for (let at = 0; at < told.length; at += max) chunks.push({ path, told: told.slice(at, at + max) });
  return chunks;
}

function failedAll(told: readonly Told[], problem: Problem): Answered {
  const result = resultOf(problem);
  return isShops(problem) ? { ...allOf(told, result), halt: result } : allOf(told, result);
}

/** Whether every other request would fail as well. A breakdown (500) may be the doing of one product. */
function isShops(problem: Problem): boolean {
  const { status } = problem;
  if (status === undefined || (status >= 300 && status < 400)) return true;
  if (status === 404) return !isInvalidId(problem);
  return [401, 403, 410, 429, 503].includes(status);
}

function allOf(told: readonly Told[], result: PublishResult): Answered {
  return { results: new Map(told.map(({ index }) => [index, result])) };
}

function sizeOf(context: WooContext): BatchSize {
  const known = sizes.get(context);
  if (known !== undefined) return known;
  const size = new BatchSize(context.settings.batchMax ?? batchDefault);
  sizes.set(context, size);
  return size;
}

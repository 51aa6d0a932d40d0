import { ledgerOf } from "../ledger/bindings.ts";
import { findUnmatched, listUnmatched, type UnmatchedLine } from "../ledger/unmatched.ts";
import { orderObjectName } from "../order/address.ts";
import type { MatchResult, OrderLineResult } from "../order/contract.ts";
import { newestStock } from "../sku/latest-views.ts";
import { unreachable } from "../stock/refusal.ts";
import { channelProblem } from "./channel-problem.ts";
import { giveWay } from "../storage/give-way.ts";
import { limiter } from "../storage/limiter.ts";
import { ProblemError } from "../http/problem.ts";

/** Orders told at once. */
const callsMax = 16;

interface LineAddress {
  readonly channel: string;
  readonly orderId: string;
  readonly lineId: string;
}

/** Records an unmatched line as a SKU. Throws a problem if the SKU is unknown, or the line another one. */
export async function matchLine(
  env: Env,
  address: LineAddress,
  sku: string,
  remember: boolean,
): Promise<OrderLineResult> {
  const stock = await newestStock(env.SKU, sku);
  if (stock === undefined) {
    const detail = `SKU ${sku} is unknown; create it with PUT /v1/skus/{sku} or count it first`;
    throw new ProblemError("sku-not-found", { detail, sku });
  }
  // First what may be refused: a line that is recorded cannot be taken back.
  if (remember) await rememberItem(env, address, sku);
  const result = await tell(env, address, sku);
  switch (result.outcome) {
    case "not-found":
      throw new ProblemError("unmatched-not-found", {
        detail: "no order of this channel has such a line; see GET /v1/unmatched",
      });
    case "matched-before":
      if (result.line.sku === sku) return result.line;
      throw new ProblemError("line-matched", {
        detail: `the line is recorded as ${result.line.sku}; cancel it there if that is wrong`,
        sku: result.line.sku,
      });
    case "recorded":
      return result.line;
    default:
      return unreachable(result);
  }
}

/** Tries a page of unmatched lines again with what is known by now: listings, SKUs. */
export async function replayUnmatched(
  env: Env,
  filter: {
    readonly channel?: string | undefined;
    readonly cursor?: string | undefined;
    readonly limit: number;
  },
): Promise<{ matched: number; left: number; nextCursor?: string }> {
  const { items, nextCursor } = await listUnmatched(ledgerOf(env).first, filter);
  const run = limiter(callsMax, giveWay);
  const byChannel = Map.groupBy(items, (line) => line.channel);
  const results = await Promise.all(
    [...byChannel].map(async ([channel, lines]) => {
      const skus = await resolve(env, channel, lines);
      return Promise.all(
        lines.map((line, index) =>
          run(async () => isRecorded(await tell(env, line, skus[index] ?? line.sku))),
        ),
      );
    }),
  );
  const matched = results.flat().filter(Boolean).length;
  return { matched, left: items.length - matched, ...(nextCursor !== undefined && { nextCursor }) };
}

/** The SKUs a channel's listings say the lines are; of an unknown channel, what it called them itself. */
async function resolve(
  env: Env,
  channel: string,
  lines: readonly UnmatchedLine[],
): Promise<readonly (string | undefined)[]> {
  const items = lines.map(({ external, sku }) => ({ external, sku }));
  const found = await env.CHANNEL.getByName(channel).resolve(items);
  return found.outcome === "found" ? found.skus : lines.map(({ sku }) => sku);
}

async function tell(env: Env, { channel, orderId, lineId }: LineAddress, sku: string): Promise<MatchResult> {
  const order = env.ORDER.getByName(orderObjectName(channel, orderId));
  const result = await order.match({ channel, orderId, lineId, sku });
  // The channel has subtracted the units by itself; if it is not told now, the next look at it finds out.
  if (result.outcome === "recorded" && result.skus.length > 0) {
    await env.CHANNEL.getByName(channel).imported([...result.skus]);
  }
  return result;
}

function isRecorded(result: MatchResult): boolean {
  return result.outcome === "recorded" && result.line.status !== "unmatched";
}

async function rememberItem(env: Env, address: LineAddress, sku: string): Promise<void> {
  const { channel, orderId, lineId } = address;
  const line = await findUnmatched(ledgerOf(env).first, channel, orderId, lineId);
  // It was matched before, and remembered then.
  if (line === undefined) return;
  if (line.external === undefined) {
    throw new ProblemError("invalid-request", {
      detail:
        "/remember: the channel did not say which item the line is of; leave it out and list the SKU by hand",
      errors: [{ pointer: "/remember", detail: "the channel did not say which item the line is of" }],
    });
  }
  const stock = await newestStock(env.SKU, sku);
  const result = await env.CHANNEL.getByName(channel).rememberItem(sku, line.external, stock);
  if (result.outcome === "refused") throw channelProblem(channel, result);
}

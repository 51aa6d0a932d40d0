import { sealedElsewhere } from "../secrets/pair.ts";
import type { Findings } from "../../protocol/reconciliation.ts";
import type { Finding } from "../kit/adapter.ts";
import type { OpenChannel } from "../kit/registered.ts";
import { within } from "../../storage/within.ts";

/** How long a connection test may take as a whole. */
const testWaitMs = 25_000;

/** What a channel's connection needs; undefined: its secrets could not be opened. Bounded in time, never throws. */
export async function tested(channel: OpenChannel | undefined, waitMs = testWaitMs): Promise<Findings> {
  const findings = await found(channel, waitMs);
  return { ok: findings.every(({ isOk }) => isOk), findings: findings.map(plain) };
}

async function found(channel: OpenChannel | undefined, waitMs: number): Promise<Finding[]> {
  if (channel === undefined)
    return [{ isOk: false, check: "The stored secrets can be opened", advice: sealedElsewhere }];
  try {
    return await within(waitMs, "the channel", channel.check());
  } catch (error) {
    const advice = error instanceof Error ? error.message : String(error);
    return [{ isOk: false, check: "The test comes to an end", advice }];
  }
}

function plain({ isOk, check, advice }: Finding): Findings["findings"][number] {
  return { isOk, check, ...(advice !== undefined && { advice }) };
}

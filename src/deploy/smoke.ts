import { DeployError } from "./account.ts";

const sku = "SMOKE-TEST";
const patienceMs = 60_000;

export interface SmokeEffects {
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
}

/**
 * Asks a deployment whether it lives, and, with its admin key, whether a mutation comes through object, queue and D1: the
 * SKU SMOKE-TEST is counted, found in the ledger, and retired again. Throws a `DeployError` with what did not work.
 */
export async function smokeTest(url: string, key: string | undefined, effects: SmokeEffects): Promise<void> {
  await eventually(effects, "GET /healthz did not answer 200", async () => {
    const response = await effects.fetch(`${url}/healthz`);
    return response.ok;
  });
  if (key === undefined) return;
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const change = (method: string, path: string, body?: object) =>
    effects.fetch(url + path, {
      method,
      headers: { ...headers, "idempotency-key": crypto.randomUUID(), "if-match": "*" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const counted = await change("PUT", `/v1/skus/${sku}/levels/default`, { onHand: 1 });
  if (!counted.ok) {
    throw new DeployError(`counting ${sku} was answered ${counted.status}: ${await counted.text()}`);
  }
  const { stock } = (await counted.json()) as { stock: { epoch: string; version: number } };
  await eventually(
    effects,
    `the count of ${sku} did not reach the ledger: look at GET /v1/dead-letters`,
    async () => {
      const response = await effects.fetch(`${url}/v1/skus/${sku}/ledger`, { headers });
      if (!response.ok) return false;
      const { items } = (await response.json()) as { items: { data: { epoch: string; version: number } }[] };
      return items.some(({ data }) => data.epoch === stock.epoch && data.version === stock.version);
    },
  );
  // A SKU with stock is not retired; its stock is taken back first.
  await change("PUT", `/v1/skus/${sku}/levels/default`, { onHand: 0 });
  const retired = await change("DELETE", `/v1/skus/${sku}`);
  if (!retired.ok)
    throw new DeployError(`retiring ${sku} was answered ${retired.status}: ${await retired.text()}`);
}

async function eventually(
  { now, sleep }: SmokeEffects,
  failure: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const untilMs = now() + patienceMs;
  while (!(await isSo().catch(() => false))) {
    if (now() > untilMs) throw new DeployError(failure);
    await sleep(1_000);
  }
}

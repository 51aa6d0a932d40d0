import { setTimeout as sleep } from "node:timers/promises";
import type { PublicationRule, StockwireClient } from "../../src/client/index.ts";
import { ChannelReceiver, type Failure } from "../../src/cli/channel-receiver.ts";
import type { Random } from "../simulation/kernel/random.ts";
import type { Recorder } from "./recorder.ts";

export interface Shop {
  readonly receiver: ChannelReceiver;
  readonly rule?: PublicationRule;
}

const kinds: readonly { readonly id: string; readonly batch: number; readonly rule?: PublicationRule }[] = [
  { id: "steady", batch: 50 },
  { id: "careful", batch: 20, rule: { buffer: 2, cap: 40 } },
  { id: "flaky", batch: 10, rule: { percent: 80 } },
];

const failures: readonly Failure[] = [
  { status: 500 },
  { status: 503 },
  { status: 429, retryAfterSeconds: 1 },
  { status: 404 },
];

/** Channels that really receive HTTP, and keep everything they were told. */
export class Market {
  readonly shops: Shop[] = [];
  deliveries = 0;
  outages = 0;
  readonly #recorder: Recorder;
  #isOver = false;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  async open(client: StockwireClient): Promise<void> {
    for (const { id, batch, rule } of kinds) {
      const receiver = await ChannelReceiver.start({
        id,
        onChange: ({ sku, quantity, epoch, version }) => {
          this.deliveries += 1;
          const published = { channel: id, quantity, ...(rule !== undefined && { rule }) };
          this.#recorder.observe({
            observer: `channel ${id}`,
            sku,
            position: { epoch, version },
            published,
          });
        },
      });
      const settings = { url: receiver.url, batch };
      const config = { kind: "webhook", settings, listings: "all", ...(rule && { rule }) } as const;
      const { signingSecret } = await client.channels.put(id, config);
      if (signingSecret === undefined) throw new Error(`channel ${id} was there before`);
      receiver.useSecret(signingSecret);
      this.shops.push({ receiver, ...(rule && { rule }) });
    }
  }

  /** One of them fails and recovers, again and again, until `heal`. */
  async run(random: Random): Promise<void> {
    const flaky = this.shops.at(-1)?.receiver;
    while (!this.#isOver) {
      await sleep(random.between(800, 3_000));
      if (this.#isOver) break;
      this.outages += 1;
      flaky?.failWith(random.pick(failures));
      await sleep(random.between(500, 2_500));
      flaky?.failWith(undefined);
    }
    flaky?.failWith(undefined);
  }

  heal(): void {
    this.#isOver = true;
  }

  async close(): Promise<void> {
    await Promise.all(this.shops.map(({ receiver }) => receiver.stop()));
  }
}

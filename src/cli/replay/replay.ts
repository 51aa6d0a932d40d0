import { readFile } from "node:fs/promises";
import type { StockwireClient } from "../../client/index.ts";
import { checkConsistency } from "../consistency.ts";
import type { ChannelReceiver } from "../channel-receiver.ts";
import { runPaced } from "../run-paced.ts";
import { signUp } from "../signing-up.ts";
import { RequestCount, toolClient } from "../tool-client.ts";
import { ReplayDriver } from "./driver.ts";
import { computeOpeningStock } from "./opening-stock.ts";
import type { ReplayOptions } from "./options.ts";
import { parseOpeningFile, parseOrderFile } from "./order-file.ts";
import { schedule } from "./pace.ts";
import { planDay } from "./plan.ts";
import type { DayPlan } from "./planned.ts";
import { channelReport, type ReplayReport } from "./report.ts";

/** Publications in one webhook request. */
const webhookBatch = 50;

/** Told how far the replay is: `done` of `total` in what `step` names. */
export type OnProgress = (
  step: "opening SKUs" | "invoices" | "checking",
  done: number,
  total: number,
) => void;

/** Replays an order file against a service and checks the outcome. Leaves nothing running. */
export async function replay(
  options: ReplayOptions,
  service: { readonly url: string; readonly key: string },
  onProgress: OnProgress,
): Promise<ReplayReport> {
  const day = planDay(parseOrderFile(await readFile(options.file, "utf8")), {
    foldCase: options.foldCase,
    ...(options.invoicesMax !== undefined && { invoicesMax: options.invoicesMax }),
  });
  const opening =
    "file" in options.opening
      ? parseOpeningFile(await readFile(options.opening.file, "utf8"))
      : computeOpeningStock(day, options.opening.soldOutShare);
  const requests = new RequestCount();
  const client = toolClient(service, requests);
  // A running service may know channels and orders of an earlier replay: these are new ones.
  const runId = options.service === "embedded" ? "" : `${Date.now().toString(36)}-`;
  const receivers: ChannelReceiver[] = [];
  try {
    for (let index = 1; index <= options.channels; index += 1) {
      const id = `replay-${runId}${index}`;
      receivers.push(await signUp(client, { id, host: options.channelHost, batch: webhookBatch }));
    }
    return await play({ options, day, opening, client, requests, receivers, orderPrefix: runId, onProgress });
  } finally {
    await Promise.all(receivers.map((receiver) => receiver.stop()));
    // A service that goes on running must not go on calling receivers that are gone.
    if (options.service !== "embedded") {
      for (const { id } of receivers) await client.channels.remove(id);
    }
  }
}

interface Stage {
  readonly options: ReplayOptions;
  readonly day: DayPlan;
  readonly opening: ReadonlyMap<string, number>;
  readonly client: StockwireClient;
  readonly requests: RequestCount;
  readonly receivers: readonly ChannelReceiver[];
  readonly orderPrefix: string;
  readonly onProgress: OnProgress;
}

async function play(stage: Stage): Promise<ReplayReport> {
  const { options, day, receivers, requests, onProgress } = stage;
  const driver = new ReplayDriver({ ...stage, mode: options.mode });
  await driver.open(stage.opening, (done) => onProgress("opening SKUs", done, day.titles.size));
  // The day begins when everybody shows the opening stock: its backlog is not what is to be measured.
  const before = await check(stage, driver);
  const [missing] = before.mismatches;
  if (missing !== undefined) {
    const { sku, side, expected, found } = missing;
    throw new Error(
      `the opening stock did not settle: ${sku}, ${side}: ${expected} expected, ${found} found`,
    );
  }

  const { invoices } = day;
  const requestsBefore = requests.sent;
  const startedAtMs = performance.now();
  const dueMs = schedule(
    invoices.map((invoice) => invoice.atMs),
    options.pace,
  );
  const latestStartMs = await runPaced(invoices, dueMs, options.concurrency, async (invoice) => {
    await driver.play(invoice);
    onProgress("invoices", driver.tally.invoicesDone, invoices.length);
  });
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const course = {
    seconds,
    requests: requests.sent - requestsBefore,
    latestStartMs: options.pace.kind === "fast" ? undefined : latestStartMs,
  };

  onProgress("checking", 0, 1);
  const consistency = await check(stage, driver);
  return {
    day,
    tally: driver.tally,
    course,
    channels: receivers.map(channelReport),
    skusSoldOut: driver.book.soldOut,
    consistency,
    duplicateVersions: driver.book.acknowledgements.duplicates,
  };
}

function check({ options, client, receivers }: Stage, { book }: ReplayDriver) {
  return checkConsistency({
    client,
    skus: book.skus,
    expectedAvailable: (sku) => book.available(sku),
    acknowledgements: book.acknowledgements,
    receivers,
    ledger: options.service === "embedded" ? "whole" : "per sku",
    quietTimeoutMs: options.quietTimeoutMs,
  });
}

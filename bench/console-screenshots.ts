/**
 * Takes the screenshots of docs/images anew: a service of its own, the demo's catalogue, two channels that really receive, and some trade. The lag on them is measured, so nothing else should run on the machine meanwhile.
 *
 * Usage: node bench/console-screenshots.ts [--out docs/images] [--chromium /usr/bin/chromium]
 */
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { catalogue } from "../src/cli/demo/catalogue.ts";
import { type RunningService, withEmbeddedService } from "../src/cli/with-service.ts";
import { toolClient } from "../src/cli/tool-client.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "docs/images" },
    chromium: { type: "string", default: process.env["CHROMIUM"] ?? "/usr/bin/chromium" },
  },
});

const shown = "MUG-STN-350";
const refused = "POT-TEA-900";
/** Orders, one after the other: what lag is measured on. */
const sales = 40;
const betweenSalesMs = 250;

/** A shop that takes what it is told, but for one listing, which it refuses in its own words. */
async function startShop(refusing: string | undefined) {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      if (refusing === undefined || !body.includes(refusing)) return response.writeHead(204).end();
      const detail = `Listing ${refusing} is archived; activate it before you change its quantity.`;
      return response.writeHead(422, { "content-type": "text/plain" }).end(detail);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the shop does not listen");
  return { url: `http://127.0.0.1:${address.port}/stock`, close: () => server.close() };
}

/** Stock, channels and trade, so that there is something to look at. */
async function furnish({ url, key }: RunningService, shops: readonly string[]): Promise<void> {
  const client = toolClient({ url, key });
  for (const { sku, title, onHand } of catalogue) {
    await client.stock.put(sku, { title, lowStockAt: 5 });
    await client.stock.count(sku, { onHand, ifMatch: "*" });
  }
  for (const [index, shop] of shops.entries()) {
    const id = `market-${"ab"[index]}`;
    const rule = index === 0 ? { rule: { buffer: 2 } } : {};
    await client.channels.put(id, { kind: "webhook", settings: { url: shop }, listings: "all", ...rule });
  }
  const others = catalogue.map(({ sku }) => sku).filter((sku) => sku !== shown && sku !== refused);
  await sleep(2_000);
  for (let turn = 0; turn < sales; turn += 1) {
    const channel = `market-${"ab"[turn % 2]}`;
    const skus = [shown, others[(turn * 7) % others.length] ?? shown];
    const lines = skus.map((sku, at) => ({ lineId: String(at + 1), sku, quantity: 1 + ((turn + at) % 3) }));
    await client.orders.record({ channel, orderId: `A-${1_001 + turn}`, lines });
    if (turn % 10 === 9) await client.stock.adjust(shown, { delta: 24, reason: "received" });
    await sleep(betweenSalesMs);
  }
  await client.stock.adjust(refused, { delta: -1, reason: "damaged", note: "glaze cracked in transit" });
  await sleep(2_000);
}

async function open(browser: Browser, { url, key }: RunningService, look: Look): Promise<Page> {
  const { width, height, colours: colorScheme, address, heading } = look;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(url);
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Stock", level: 1 }).waitFor();
  await page.goto(`${url}/${address}`);
  await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector(".loading") === null);
  return page;
}

interface Look {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly colours: "light" | "dark";
  readonly address: string;
  readonly heading: string;
}

const sku = { address: `#/skus/${shown}`, heading: shown };
const looks: readonly Look[] = [
  { file: "console-stock.png", width: 1200, height: 640, colours: "light", address: "#/", heading: "Stock" },
  { file: "console-sku.png", width: 1200, height: 860, colours: "light", ...sku },
  {
    file: "console-channel-dark.png",
    width: 1200,
    height: 720,
    colours: "dark",
    address: "#/channels/market-b",
    heading: "market-b",
  },
  { file: "console-narrow-dark.png", width: 400, height: 720, colours: "dark", ...sku },
];

await withEmbeddedService(async (service) => {
  const shops = [await startShop(undefined), await startShop(refused)];
  const browser = await chromium.launch({
    executablePath: values.chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    await furnish(
      service,
      shops.map(({ url }) => url),
    );
    for (const look of looks) {
      const page = await open(browser, service, look);
      // What it shows of itself must have come: live numbers, charts.
      await sleep(1_500);
      await page.screenshot({ path: join(values.out, look.file) });
      await page.close();
      console.log(join(values.out, look.file));
    }
  } finally {
    await browser.close();
    for (const shop of shops) shop.close();
  }
});

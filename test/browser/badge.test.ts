import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Service } from "../system/service.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";

/** A shop's own page, on an origin of its own. */
async function shopPage(html: () => string): Promise<{ origin: string; server: Server }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end(html());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe.skipIf(!hasBrowser)("the stock badge in a browser", () => {
  let service: Service;
  let browser: Browser;
  let shop: Awaited<ReturnType<typeof shopPage>>;
  let key = "";

  beforeAll(async () => {
    service = await Service.start();
    shop = await shopPage(
      () => `<!doctype html><script type="module" src="${service.url}/embed.js"></script>
        <stock-badge sku="MUG" key="${key}" low="3">Ask us</stock-badge>
        <stock-badge sku="NEVER-HEARD-OF" key="${key}">Ask us</stock-badge>`,
    );
    await service.count("MUG", 4);
    const body = { name: "shop page", scopes: ["stock:read"], origins: [shop.origin] };
    key = (await service.call("POST", "/v1/keys", body)).body.key;
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    shop?.server.close();
    await service?.remove();
  });

  it("shows what can be sold on another site's page, live, and hands out nothing but that", async () => {
    const page = await browser.newPage();
    await page.goto(shop.origin);
    const mug = page.locator('stock-badge[sku="MUG"]');
    await mug.and(page.locator('[state="in"]')).waitFor();
    expect(await mug.locator("[part=badge]").getAttribute("aria-live")).toBe("polite");
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      document.querySelector("stock-badge")?.addEventListener("stock-change", (event) => {
        if (event instanceof CustomEvent) seen.push(String(event.detail.available));
      });
    });

    const soldAtMs = Date.now();
    const headers = { "idempotency-key": crypto.randomUUID() };
    await service.call("POST", "/v1/skus/MUG/adjustments", { delta: -2, reason: "sold" }, headers);
    await mug.and(page.locator('[state="low"]')).waitFor({ timeout: 10_000 });
    console.log(`a sale showed in the page after ${Date.now() - soldAtMs} ms`);
    expect(await mug.locator("[part=text]").textContent()).toBe("Only 2 left");

    await service.count("MUG", 0);
    await mug.and(page.locator('[state="out"]')).waitFor();
    expect(await page.evaluate(() => Reflect.get(window, "seen"))).toEqual(["2", "0"]);
    const unknown = page.locator('stock-badge[sku="NEVER-HEARD-OF"]');
    expect(await unknown.getAttribute("state")).toBe("unknown");
    expect(await unknown.textContent()).toBe("Ask us");

    // The key that stands in the page reads stock, and that is all.
    const answers = await page.evaluate(
      async ({ url, bearer }) => {
        const ask = async (path: string, method = "GET") => {
          const request = { method, headers: { authorization: `Bearer ${bearer}` } };
          return (await fetch(url + path, request)).status;
        };
        return [await ask("/v1/skus/MUG"), await ask("/v1/keys"), await ask("/v1/tickets", "POST")];
      },
      { url: service.url, bearer: key },
    );
    expect(answers).toEqual([200, 403, 201]);
    await page.close();
  });

  it("finds its way back after the service was away", async () => {
    await service.count("MUG", 9);
    const page = await browser.newPage();
    await page.goto(shop.origin);
    const mug = page.locator('stock-badge[sku="MUG"]');
    await mug.and(page.locator('[state="in"]')).waitFor();
    const port = new URL(service.url).port;
    await service.kill();
    await service.start(Number(port));
    await service.count("MUG", 1);
    await mug.and(page.locator('[state="low"]')).waitFor({ timeout: 30_000 });
    await page.close();
  });

  it("is not served to pages its key does not name", async () => {
    const other = await shopPage(() => "<!doctype html><title>elsewhere</title>");
    const page = await browser.newPage();
    await page.goto(other.origin);
    const outcome = await page.evaluate(
      async ({ url, bearer }) => {
        const socket = new WebSocket(`${url.replace("http", "ws")}/v1/live?key=${bearer}`);
        const opened = await new Promise((resolve) => {
          socket.addEventListener("open", () => resolve("open"));
          socket.addEventListener("error", () => resolve("refused"));
        });
        const read = await fetch(`${url}/v1/skus/MUG`, {
          headers: { authorization: `Bearer ${bearer}` },
        }).then(
          () => "shown",
          () => "hidden",
        );
        return [opened, read];
      },
      { url: service.url, bearer: key },
    );
    expect(outcome).toEqual(["refused", "hidden"]);
    await page.close();
    other.server.close();
  });
});

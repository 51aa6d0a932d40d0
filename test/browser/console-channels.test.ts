import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../system/service.ts";
import { hasBrowser } from "./browser.ts";
import { Visitor } from "./visitor.ts";

/** A shop that takes webhooks, or says why it does not. */
class Shop {
  /** What it answers instead of taking a number. */
  refusal: string | undefined;
  /** What it shows, by SKU. */
  readonly shows = new Map<string, number>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => {
        if (this.refusal !== undefined) {
          response.writeHead(422, { "content-type": "text/plain" }).end(this.refusal);
          return;
        }
        const { data } = JSON.parse(text) as { data?: { sku: string; quantity: number } };
        if (data !== undefined) this.shows.set(data.sku, data.quantity);
        response.writeHead(204).end();
      });
    });
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/stock`;
  }

  close(): void {
    this.#server.close();
  }
}

/** About 10 s on a quiet machine. */
describe.skipIf(!hasBrowser)("channels in the console", () => {
  const visitor = Visitor.comes();
  const shop = new Shop();
  beforeAll(() => shop.open());
  afterAll(() => shop.close());

  function shown(sku: string, quantity: number): Promise<true> {
    return eventually(async () => (shop.shows.get(sku) === quantity ? true : undefined));
  }

  it("are connected with a form made of the kind's schema, and tested", async () => {
    const { page, service } = visitor;
    await service.count("TEE", 9);
    await visitor.signIn();
    await visitor.goTo("#/channels", "Channels");
    await page.getByText("No channel yet").waitFor();
    await page.getByRole("link", { name: "Connect a channel" }).first().click();
    await page.getByRole("link", { name: "Webhook" }).click();
    await page.getByLabel("Name of the channel").fill("corner-shop");
    // What is wrong is said at the field, in the API's words.
    await page.getByLabel("URL").fill("ftp://shop.example");
    await page.getByText("Show less than is available").click();
    await page.getByLabel("Units held back").fill("2");
    await visitor.button("Connect").click();
    await page.getByRole("alert").filter({ hasText: "the URL must" }).first().waitFor();
    expect(await page.getByLabel("URL").getAttribute("aria-invalid")).toBe("true");
    await page.getByLabel("URL").fill(shop.url);
    await visitor.button("Connect").click();
    await page.getByRole("heading", { name: "corner-shop is set up" }).waitFor();
    const secret = (await page.locator(".once code").textContent()) ?? "";
    expect(secret).toMatch(/^whsec_/);
    await page.getByText("The connection has all it needs.").waitFor();
    await shown("TEE", 7);

    await page.getByRole("link", { name: "Go to the channel" }).click();
    await visitor.heading("corner-shop").waitFor();
    // The secret was shown this once.
    await visitor.gone(secret);
  });

  it("say what they refused, and are told again at a press", async () => {
    const { page, service } = visitor;
    shop.refusal = "TEE is archived here";
    await service.count("TEE", 5);
    await visitor.signIn();
    await visitor.goTo("#/channels/corner-shop", "corner-shop");
    await page.getByText("HTTP 422: TEE is archived here").first().waitFor();
    const figure = page.locator(".figure").filter({ hasText: "Refused" });
    await figure.filter({ hasText: "1" }).waitFor();
    expect(shop.shows.get("TEE")).toBe(7);

    shop.refusal = undefined;
    await visitor.button("Tell it again about TEE").click();
    await visitor.told("corner-shop is told about TEE again.");
    await shown("TEE", 3);
    await page.getByText("Nothing was refused").waitFor();
    await figure.filter({ hasText: "0" }).waitFor();
    // What was told is on the SKU's page too, with its version.
    await visitor.goTo("#/skus/TEE", "TEE");
    await visitor.row("corner-shop").filter({ hasText: "Up to date" }).waitFor();
  });

  it("keep order lines that nobody knows until somebody says which SKU they are", async () => {
    const { page, service } = visitor;
    const lines = [{ lineId: "1", sku: "TEE-BLACK-OLD", quantity: 2 }];
    await service.call("POST", "/v1/orders", { channel: "corner-shop", orderId: "1001", lines });
    await visitor.signIn();
    await visitor.goTo("#/unmatched", "Unmatched orders");
    await visitor.button("Match TEE-BLACK-OLD").click();
    await page.getByLabel("SKU", { exact: true }).fill("TEE");
    await page.getByRole("dialog").getByRole("button", { name: "Match" }).click();
    await visitor.told("TEE-BLACK-OLD is recorded as TEE.");
    await page.getByText("Every order line has its SKU").waitFor();
    expect((await service.call("GET", "/v1/skus/TEE")).body).toMatchObject({ available: 3, committed: 2 });

    const more = [{ lineId: "1", sku: "COMES-LATER", quantity: 1 }];
    await service.call("POST", "/v1/orders", { channel: "corner-shop", orderId: "1002", lines: more });
    await page.getByText("COMES-LATER").waitFor();
    await service.count("COMES-LATER", 4);
    await visitor.button("Look for their SKUs again").click();
    await visitor.told("1 line matched, 0 left.");
    await page.getByText("Every order line has its SKU").waitFor();
  });

  it("pause and go on, and are removed only when meant", async () => {
    const { page } = visitor;
    await visitor.signIn();
    await visitor.goTo("#/channels/corner-shop", "corner-shop");
    await visitor.button("Pause").click();
    await page.getByText("Nothing is sent: paused by hand.").waitFor();
    await visitor.button("Resume").click();
    await page.getByText("Nothing is sent: paused by hand.").waitFor({ state: "detached" });
    await visitor.button("Remove").click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByRole("button", { name: "Remove" }).isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    // The focus is back where it was.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Remove");
    await visitor.button("Remove").click();
    await dialog.getByRole("combobox").fill("corner-shop");
    await dialog.getByRole("button", { name: "Remove" }).click();
    await page.getByText("No channel yet").waitFor();
  });
});

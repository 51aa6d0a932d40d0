import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { adminKey, Service } from "../system/service.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";

describe.skipIf(!hasBrowser)("the console in a browser", () => {
  let service: Service;
  let browser: Browser;
  let page: Page;
  /** What the browser complained of: scripts that failed, and whatever the content security policy refused. */
  const complaints: string[] = [];

  beforeAll(async () => {
    service = await Service.start();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    complaints.length = 0;
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text());
    });
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  async function signIn(): Promise<void> {
    await page.goto(service.url);
    await page.getByLabel("API key").fill(adminKey);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Stock", level: 1 }).waitFor();
  }

  it("lets in only with a key, keeps it in the tab alone, and forgets it on the way out", async () => {
    await page.goto(service.url);
    await page.getByLabel("API key").fill("swk_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("this is not an API key").waitFor();

    await signIn();
    expect(await page.context().cookies()).toEqual([]);
    const kept = () =>
      page.evaluate(() => [sessionStorage, localStorage].map((storage) => Object.entries(storage)));
    expect(await kept()).toEqual([
      [["stockwire.session", JSON.stringify({ key: adminKey, id: "admin", scopes: ["admin"] })]],
      [],
    ]);

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await kept()).toEqual([[], []]);
  });

  it("shows a sale when it is made", async () => {
    await service.count("MUG", 4);
    await signIn();
    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "MUG", exact: true }) });
    await row.getByRole("cell", { name: "4", exact: true }).first().waitFor();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    const headers = { "idempotency-key": crypto.randomUUID() };
    await service.call("POST", "/v1/skus/MUG/adjustments", { delta: -1, reason: "sold" }, headers);
    await row.getByRole("cell", { name: "3", exact: true }).first().waitFor();
  });
});

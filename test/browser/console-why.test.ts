import { describe, expect, it } from "vitest";
import { signUp } from "../../src/cli/signing-up.ts";
import { toolClient } from "../../src/cli/tool-client.ts";
import { rowHere } from "../../src/console/row-here.ts";
import { generateStream } from "../../src/lab/order-stream.ts";
import { defaultRatePerSecond, reportOf, simulateDay } from "../../src/lab/sync-gap.ts";
import { summaryRows } from "../../src/lab/sync-gap-text.ts";
import { adminKey, eventually } from "../system/service.ts";
import { hasBrowser } from "./browser.ts";
import { Visitor } from "./visitor.ts";

/** About 10 s on a quiet machine. */
describe.skipIf(!hasBrowser)("the case for it, in the console", () => {
  const visitor = Visitor.comes();

  it("reckons what polling costs, without a key and as one types", async () => {
    const { page, service } = visitor;
    await page.goto(service.url);
    await page.getByRole("link", { name: "Leakage calculator" }).click();
    await visitor.heading("Leakage calculator").waitFor();
    const lost = page.getByRole("status").filter({ hasText: /\d/ });
    const other = { "Orders a day": "96", "Sync interval, minutes": "30", "Churn rate, %": "0" };
    for (const [label, value] of Object.entries(other)) await page.getByLabel(label).fill(value);
    // 2 orders in each of 48 windows, 2 % oversold, 1,500 each.
    await lost.filter({ hasText: /^2,880$/ }).waitFor();
    // With the keyboard alone, from field to field.
    const reference = ["500", "15", "1500", "2", "8000", "30", "INR"];
    await page.getByLabel("Orders a day").focus();
    for (const value of reference) {
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type(value);
      await page.keyboard.press("Tab");
    }
    await lost.filter({ hasText: /^37,440 INR$/ }).waitFor();
    await visitor.row("loss a day").getByRole("cell", { name: "39,000 INR" }).waitFor();
    await visitor.row("loss a year").getByRole("cell", { name: "13,665,600 INR" }).waitFor();
    await page
      .getByRole("img", { name: "Loss a day, by sync interval: 39,000 INR a day at this shop's" })
      .waitFor();
    const answer = await service.call("POST", "/v1/leakage", {
      dailyOrders: 500,
      syncIntervalMinutes: 15,
      averageOrderValue: 1500,
      oversellRate: 0.02,
      customerLifetimeValue: 8000,
      churnRate: 0.3,
    });
    expect(answer.body).toMatchObject({ dailyLeakage: 37_440, dailyLeakageUnrounded: 39_000 });

    // What was typed is in the address, and what is wrong is said where it is.
    await page.getByLabel("Churn rate, %").fill("130");
    await page.getByRole("alert").filter({ hasText: "a share is from 0 to 100 %" }).waitFor();
    await page.getByLabel("Churn rate, %").fill("25");
    await page.reload();
    await lost.filter({ hasText: /^33,600 INR$/ }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length + localStorage.length)).toBe(0);

    // All else asks for a key.
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("API key").waitFor();
  });

  it("sells a day under polling, and of Stockwire shows what was measured and nothing else", async () => {
    const { page, service } = visitor;
    await page.goto(`${service.url}/#/sync-gap`);
    const came = page.getByRole("region", { name: "What came of it" });
    const rowOf = (name: string) => came.getByRole("row").filter({ hasText: name });
    await rowOf("polling, 15 min").waitFor();
    expect(await rowOf("Stockwire").getByRole("cell").allTextContents()).toEqual(rowHere(undefined).slice(1));

    // The same day as the command would sell, with a few keys.
    const day = { skus: 40, orders: 90, hours: 3, channels: 3, seed: 7, soldOutShare: 0.1 };
    await page.getByLabel("SKUs", { exact: true }).fill("40");
    await page.getByLabel("Orders an hour").fill("30");
    await page.getByLabel("Hours", { exact: true }).fill("3");
    await page.getByLabel("Channels", { exact: true }).fill("3");
    await page.getByLabel("Seed").fill("7");
    await page.keyboard.press("Enter");
    await page.getByRole("status").filter({ hasText: "90 orders of 40 SKUs on 3 channels" }).waitFor();
    const reckoned = reportOf(simulateDay("", generateStream(day), defaultRatePerSecond), undefined);
    const [, ...expected] = summaryRows(reckoned);
    for (const [name = "", ...cells] of expected)
      expect(await rowOf(name).getByRole("cell").allTextContents()).toEqual(cells);
    await page
      .getByRole("region", { name: "Claims" })
      .getByRole("row")
      .filter({ hasText: "differs" })
      .first()
      .waitFor();
    await page.getByRole("img", { name: "Oversold units, by how late channels learn of a sale" }).waitFor();

    // Signed in, there is what the channels of this service were told: here one, and one sale.
    const client = toolClient({ url: service.url, key: adminKey });
    const receiver = await signUp(client, { id: "market", batch: 1 });
    try {
      await service.count("LAB", 5);
      await eventually(async () => {
        const { body } = await service.call("GET", "/v1/channels/market/lag");
        return body.items.length > 0 ? true : undefined;
      });
      await visitor.signIn();
      await visitor.goTo("#/sync-gap", "Sync-gap lab");
      await rowOf("Stockwire, this service").getByRole("cell", { name: "measured", exact: true }).waitFor();
      await page.getByText("of this service on 1 channel", { exact: false }).waitFor();
    } finally {
      await receiver.stop();
    }

    // And a report of the command, with Stockwire's own day in it.
    const [virtual] = reckoned.results;
    const measured = { ...virtual, name: "Stockwire", how: "measured" as const, intervalMs: undefined };
    const report = { ...reckoned, results: [...reckoned.results, measured] };
    await page.getByLabel("Or open a report").setInputFiles({
      name: "gap.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify(report)),
    });
    await rowOf("this service").waitFor({ state: "detached" });
    await rowOf("Stockwire").getByRole("cell", { name: "measured", exact: true }).waitFor();
    await page.getByLabel("Or open a report").setInputFiles({
      name: "other.json",
      mimeType: "application/json",
      buffer: Buffer.from("{}"),
    });
    await page
      .getByRole("alert")
      .filter({ hasText: "other.json is not a report of the sync-gap lab" })
      .waitFor();
  });
});

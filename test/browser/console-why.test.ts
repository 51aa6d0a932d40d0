import { describe, expect, it } from "vitest";
import { hasBrowser } from "./browser.ts";
import { Visitor } from "./visitor.ts";

/** About 5 s on a quiet machine. */
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
});

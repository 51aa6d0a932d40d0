import { describe, expect, it } from "vitest";
import { adminKey, eventually } from "../system/service.ts";
import { hasBrowser } from "./browser.ts";
import { Visitor } from "./visitor.ts";

/** About 10 s on a quiet machine. */
describe.skipIf(!hasBrowser)("the console", () => {
  const visitor = Visitor.comes();

  it("lets in only with a key, keeps it in the tab alone, and forgets it on the way out", async () => {
    const { page, service } = visitor;
    await page.goto(service.url);
    await page.getByLabel("API key").fill("swk_wrong");
    await visitor.button("Sign in").click();
    await page.getByRole("alert").getByText("this is not an API key").waitFor();

    await visitor.signIn();
    expect(await page.context().cookies()).toEqual([]);
    const kept = () =>
      page.evaluate(() => [sessionStorage, localStorage].map((storage) => Object.entries(storage)));
    const session = JSON.stringify({ key: adminKey, id: "admin", scopes: ["admin"] });
    expect(await kept()).toEqual([[["stockwire.session", session]], []]);

    await visitor.button("Sign out").click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await kept()).toEqual([[], []]);
  });

  it("offers a key what it may do, and nothing else", async () => {
    const { page, service } = visitor;
    await service.count("READ-ONLY", 3);
    const made = (await service.call("POST", "/v1/keys", { name: "till", scopes: ["stock:read"] })).body;
    await visitor.signIn(made.key);
    const menu = page.getByRole("navigation", { name: "Console" });
    expect(await menu.getByRole("link").allTextContents()).toEqual(
      expect.arrayContaining(["Stock", "Oversells", "Unmatched orders"]),
    );
    expect(await menu.getByRole("link", { name: "API keys" }).count()).toBe(0);
    expect(await visitor.button("Add a SKU").count()).toBe(0);
    // Whoever goes there by the address is told by the API.
    await visitor.goTo("#/keys", "API keys");
    await page.getByRole("alert").getByText("this needs a key with the scope admin").waitFor();
  });

  it("shows a sale when it is made, in the list and on the SKU's own page", async () => {
    const { page, service } = visitor;
    await service.count("MUG", 4);
    await visitor.signIn();
    const link = page.getByRole("link", { name: "MUG", exact: true });
    const row = page.getByRole("row").filter({ has: link });
    await row.getByRole("cell", { name: "4", exact: true }).first().waitFor();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    const sell = () =>
      service.call(
        "POST",
        "/v1/skus/MUG/adjustments",
        { delta: -1, reason: "sold" },
        { "idempotency-key": crypto.randomUUID() },
      );
    await sell();
    await row.getByRole("cell", { name: "3", exact: true }).first().waitFor();

    await link.click();
    await visitor.heading("MUG").waitFor();
    await page
      .getByRole("status")
      .filter({ hasText: /: 3 available$/ })
      .waitFor();
    await sell();
    await page
      .getByRole("status")
      .filter({ hasText: /: 2 available$/ })
      .waitFor();
    const ledger = page.getByRole("list", { name: "Ledger, newest first" });
    await ledger.getByRole("listitem").first().filter({ hasText: "3Sold −1 at default" }).waitFor();
    await page.getByRole("img", { name: "between 2 and 4, now 2" }).waitFor();
  });

  it("finds what is searched for, and keeps the search in the address", async () => {
    const { page, service } = visitor;
    await service.count("LAMP-RED", 2);
    await service.count("LAMP-BLUE", 0);
    await visitor.signIn();
    await page.getByLabel("Search SKU or title").fill("lamp-");
    await page.getByRole("button", { name: "Out of stock 1" }).click();
    await page.getByRole("link", { name: "LAMP-BLUE" }).waitFor();
    await page.getByRole("link", { name: "LAMP-RED" }).waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("link", { name: "LAMP-BLUE" }).waitFor();
    await page.getByLabel("Search SKU or title").fill("no such lamp");
    await page.getByText("Nothing that contains “no such lamp” is out of stock.").waitFor();
  });

  it("does once what a person wants, though the answer is lost", async () => {
    const { page, service } = visitor;
    await service.count("ONCE", 10);
    await visitor.signIn();
    await visitor.goTo("#/skus/ONCE", "ONCE");
    const keys: (string | undefined)[] = [];
    await page.route("**/v1/skus/ONCE/adjustments", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      const answer = await route.fetch();
      if (keys.length === 1) await route.abort("connectionreset");
      else await route.fulfill({ response: answer });
    });
    await visitor.button("Adjust").click();
    await page.getByLabel("Change on hand by").fill("−3");
    await page.getByLabel("Reason").selectOption("damaged");
    await page.getByRole("dialog").getByRole("button", { name: "Adjust" }).click();
    await visitor.told("ONCE: −3 at default.");
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect((await service.call("GET", "/v1/skus/ONCE")).body).toMatchObject({ onHand: 7, version: 2 });
  });

  it("does not let a count overwrite what it has not seen", async () => {
    const { page, service } = visitor;
    await service.count("SHELF", 10);
    await visitor.signIn();
    await visitor.goTo("#/skus/SHELF", "SHELF");
    await visitor.button("Count").click();
    const dialog = page.getByRole("dialog");
    await page.getByLabel("Units that are there").fill("9");
    await service.count("SHELF", 12);
    await dialog.getByText("The stock has changed since you opened this.").waitFor();
    await visitor.button("Record the count").click();
    await dialog.getByRole("alert").filter({ hasText: "The SKU has changed" }).waitFor();
    expect((await service.call("GET", "/v1/skus/SHELF")).body.onHand).toBe(12);
    await visitor.button("It holds").click();
    await visitor.button("Record the count").click();
    await visitor.told("SHELF: 9 counted at default.");
    expect((await service.call("GET", "/v1/skus/SHELF")).body.onHand).toBe(9);
  });

  it("moves and reserves units, and gives them back", async () => {
    const { page, service } = visitor;
    await service.count("CHAIR", 8);
    await visitor.signIn();
    await visitor.goTo("#/skus/CHAIR", "CHAIR");
    await visitor.button("Transfer").click();
    await page.getByLabel("To", { exact: true }).fill("shop berlin");
    await page.getByLabel("Units").fill("3");
    await page.getByRole("dialog").getByRole("button", { name: "Transfer" }).click();
    await visitor.told("3 units of CHAIR moved to shop berlin.");
    await visitor.row("shop berlin").getByRole("cell", { name: "3" }).first().waitFor();

    await visitor.button("Reserve").click();
    await page.getByLabel("Units", { exact: true }).fill("9");
    await page.getByRole("dialog").getByRole("button", { name: "Reserve" }).click();
    // Refused, in the API's words; another quantity is another request.
    await page.getByRole("dialog").getByText("9 of CHAIR requested, 8 available; ask for fewer").waitFor();
    await page.getByLabel("Units", { exact: true }).fill("2");
    await page.getByLabel("For whom (optional)").fill("phone order");
    await page.getByRole("dialog").getByRole("button", { name: "Reserve" }).click();
    await visitor.row("phone order").getByRole("button", { name: "Release" }).click();
    await visitor.told("2 units released.");
    await page.getByText("Nothing is reserved").waitFor();
    const { body } = await service.call("GET", "/v1/skus/CHAIR");
    expect(body).toMatchObject({ available: 8, reserved: 0 });
  });

  it("comes back by itself after the service was away", async () => {
    const { page, service } = visitor;
    await service.count("BACK", 5);
    await visitor.signIn();
    await visitor.goTo("#/skus/BACK", "BACK");
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    const port = Number(new URL(service.url).port);
    await service.kill();
    await page.getByRole("status").filter({ hasText: "Offline" }).waitFor();
    await service.start(port);
    await service.count("BACK", 1);
    await page
      .getByRole("status")
      .filter({ hasText: /: 1 available$/ })
      .waitFor({ timeout: 60_000 });
    await eventually(async () => ((await page.getByText("Offline").count()) === 0 ? true : undefined));
  });
});

import { AxeBuilder } from "@axe-core/playwright";
import { describe, expect, it } from "vitest";
import { hasBrowser } from "./browser.ts";
import { Visitor } from "./visitor.ts";

/** What axe finds wrong with the page as it is now, in short: all rules in light colours, those of colours in dark ones too. */
async function faults({ page }: Visitor): Promise<string[]> {
  await page.emulateMedia({ colorScheme: "light" });
  // Without frames there is nothing to gather from elsewhere, and no other page to be opened for it.
  const axe = () => new AxeBuilder({ page }).setLegacyMode();
  const light = await axe().analyze();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await axe().withTags(["cat.color"]).analyze();
  return [light, dark].flatMap(({ violations }) =>
    violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
    ),
  );
}

/** Every view with something in it, so that there is something to look at. About 20 s on a quiet machine. */
describe.skipIf(!hasBrowser)("the console, as axe sees it", () => {
  const visitor = Visitor.comes();

  /** Views by their address, and the heading that they have when they are there. */
  const views = [
    ["#/", "Stock"],
    ["#/skus/MUG", "MUG"],
    ["#/skus/NEVER-HEARD-OF", "NEVER-HEARD-OF"],
    ["#/oversells", "Oversells"],
    ["#/channels", "Channels"],
    ["#/channels/shop", "shop"],
    ["#/channels/shop?tab=listings", "shop"],
    ["#/channels/shop?tab=drift", "shop"],
    ["#/channels/shop?tab=inbox", "shop"],
    ["#/channels/shop?tab=settings", "shop"],
    ["#/connect", "Connect a channel"],
    ["#/connect?kind=medusa", "Connect a channel"],
    ["#/unmatched", "Unmatched orders"],
    ["#/dead-letters", "Dead letters"],
    ["#/keys", "API keys"],
    ["#/leakage", "Leakage calculator"],
    ["#/sync-gap", "Sync-gap lab"],
    ["#/nowhere", "Nothing here"],
  ] as const;

  async function furnish(): Promise<void> {
    const { service } = visitor;
    await service.count("MUG", 4);
    const settings = { url: `${service.url}/healthz` };
    await service.call("PUT", "/v1/channels/shop", { kind: "webhook", settings, listings: "all" });
    const lines = [
      { lineId: "1", sku: "MUG", quantity: 6 },
      { lineId: "2", sku: "NOBODY-KNOWS", quantity: 1 },
    ];
    await service.call("POST", "/v1/orders", { channel: "shop", orderId: "1", lines });
    await service.call("POST", "/v1/keys", { name: "till", scopes: ["stock:read"] });
  }

  /** Everything that was on its way has come. */
  const settled = () => visitor.page.waitForFunction(() => document.querySelector(".loading") === null);

  it("has nothing to complain of, in light and in dark colours", { timeout: 300_000 }, async () => {
    const { page } = visitor;
    await page.emulateMedia({ reducedMotion: "reduce" });
    await furnish();
    await page.goto(visitor.service.url);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    const found: Record<string, string[]> = { "sign in": await faults(visitor) };
    await visitor.signIn();
    for (const [address, heading] of views) {
      await visitor.goTo(address, heading);
      await settled();
      found[address] = await faults(visitor);
    }
    await visitor.goTo("#/skus/MUG", "MUG");
    await visitor.button("Count").click();
    found["dialog"] = await faults(visitor);
    expect(Object.fromEntries(Object.entries(found).filter(([, wrong]) => wrong.length > 0))).toEqual({});
  });

  it("is in the other colours as soon as the system is", async () => {
    const { page } = visitor;
    await visitor.signIn();
    const text = () => page.evaluate(() => getComputedStyle(document.body).color);
    const seen: string[] = [];
    for (const reducedMotion of ["no-preference", "reduce"] as const) {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ reducedMotion, colorScheme });
        seen.push(await text());
      }
    }
    const [light, dark] = seen;
    expect(light).not.toBe(dark);
    expect(seen).toEqual([light, dark, light, dark]);
  });

  it("fits on a narrow screen without scrolling sideways, menu included", async () => {
    const { page } = visitor;
    await page.setViewportSize({ width: 400, height: 800 });
    await visitor.signIn();
    const overflowing = async () =>
      page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    const wide: string[] = [];
    for (const [address, heading] of views) {
      await visitor.goTo(address, heading);
      await settled();
      if (await overflowing()) wide.push(address);
    }
    expect(wide).toEqual([]);
    await visitor.button("Menu").click();
    await page.getByRole("link", { name: "Channels" }).click();
    await visitor.heading("Channels").waitFor();
    await page.getByRole("navigation", { name: "Console" }).waitFor({ state: "hidden" });
  });

  it("can be used with the keyboard alone", async () => {
    const { page } = visitor;
    await visitor.signIn();
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the page");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    // Into the list, down to its SKU, and to its page, whose heading has the focus then.
    await page.getByRole("table", { name: "Stock" }).focus();
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("MUG");
    await page.keyboard.press("Enter");
    await visitor.heading("MUG").waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  });
});

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { adminKey, Service } from "../system/service.ts";
import { launchBrowser } from "./browser.ts";

/** Somebody who looks at the console of a real service: one service for a file of tests, a new tab for each test. */
export class Visitor {
  service!: Service;
  page!: Page;
  #browser: Browser | undefined;
  /** What the browser complained of: scripts that failed, and whatever the content security policy refused. */
  readonly #complaints: string[] = [];

  /** Starts and ends everything around the tests of this `describe`. */
  static comes(): Visitor {
    const visitor = new Visitor();
    beforeAll(async () => {
      visitor.service = await Service.start();
      visitor.#browser = await launchBrowser();
    });
    afterAll(async () => {
      await visitor.#browser?.close();
      await visitor.service?.remove();
    });
    beforeEach(() => visitor.#open());
    afterEach(async () => {
      await visitor.page.context().close();
      expect(visitor.#complaints).toEqual([]);
    });
    return visitor;
  }

  async #open(): Promise<void> {
    if (this.#browser === undefined) throw new Error("the browser did not start");
    this.#complaints.length = 0;
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 } });
    this.page = await context.newPage();
    this.page.on("pageerror", (error) => this.#complaints.push(error.message));
    this.page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) this.#complaints.push(message.text());
    });
  }

  async signIn(key = adminKey): Promise<void> {
    await this.page.goto(this.service.url);
    await this.page.getByLabel("API key").fill(key);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await this.page.getByRole("heading", { name: "Stock", level: 1 }).waitFor();
  }

  /** Goes to a page of the console, signed in, and waits until its heading is there. */
  async goTo(hash: string, heading: string): Promise<void> {
    await this.page.evaluate((address) => {
      location.hash = address;
    }, hash);
    await this.heading(heading).waitFor();
  }

  heading(name: string) {
    return this.page.getByRole("heading", { name, level: 1, exact: true });
  }

  button(name: string) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** A row of a table by what is in it. */
  row(text: string) {
    return this.page.getByRole("row").filter({ hasText: text });
  }

  /** Waits until the page, once it has drawn itself anew, holds no trace of this text. */
  async gone(text: string): Promise<void> {
    await this.page.waitForFunction((one) => !document.documentElement.outerHTML.includes(one), text);
  }

  /** Says what was done, as the console announced it. */
  async told(text: string): Promise<void> {
    await this.page.getByRole("status").filter({ hasText: text }).first().waitFor();
  }
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Descriptors } from "../../../src/embedded/descriptors.ts";

const skus = 10;

describe("file descriptors for objects that are kept open", () => {
  let dataDir: string;
  const warn = vi.spyOn(console, "warn");
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "stockwire-descriptors-"));
    mkdirSync(join(dataDir, "do/stockwire-SkuObject"), { recursive: true });
    for (let sku = 0; sku < skus; sku += 1) {
      for (const ending of [".sqlite", ".sqlite-wal", ".sqlite-shm"])
        writeFileSync(join(dataDir, `do/stockwire-SkuObject/${sku}${ending}`), "");
    }
    warn.mockReset().mockReturnValue();
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  function limitedTo(files: string): string {
    const path = join(dataDir, "limits");
    const lines = [
      "Limit                     Soft Limit           Hard Limit           Units     ",
      "Max processes             95000                95000                processes ",
      `Max open files            ${files.padEnd(20)} 1048576              files     `,
    ];
    writeFileSync(path, lines.join("\n"));
    return path;
  }

  const suffice = (limits: string, dir = dataDir) => new Descriptors(dir, limits).suffice();

  it("are enough for three files each, for those that come soon, and for what else is open", async () => {
    expect(await suffice(limitedTo("2530"))).toBe(true);
    expect(await suffice(limitedTo("unlimited"))).toBe(true);
    expect(warn).not.toHaveBeenCalled();
  });

  it("are too few below that, which is said with how many are needed", async () => {
    expect(await suffice(limitedTo("2529"))).toBe(false);
    const [line] = warn.mock.calls[0] ?? [];
    expect(JSON.parse(String(line))).toMatchObject({
      event: "descriptors.too_few",
      objects: skus,
      needed: 2530,
      limit: 2529,
    });
  });

  it("are taken for enough where nobody says how many there are, and before the first start", async () => {
    expect(await suffice(join(dataDir, "nothing"))).toBe(true);
    expect(await suffice(limitedTo("2500"), join(dataDir, "nowhere"))).toBe(true);
  });

  it("are watched until they are too few, which is told once", async () => {
    const descriptors = new Descriptors(dataDir, limitedTo("2532"));
    const tooFew = vi.fn<() => void>();
    descriptors.watch(tooFew);
    writeFileSync(join(dataDir, "do/stockwire-SkuObject/another.sqlite"), "");
    await vi.waitFor(() => expect(tooFew).toHaveBeenCalledOnce(), 20_000);
    expect(warn).toHaveBeenCalledOnce();
  });

  it("are not watched any longer than anybody asks", async () => {
    const descriptors = new Descriptors(dataDir, limitedTo("10"));
    const tooFew = vi.fn<() => void>();
    descriptors.watch(tooFew);
    descriptors.unwatch();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(tooFew).not.toHaveBeenCalled();
  });
});

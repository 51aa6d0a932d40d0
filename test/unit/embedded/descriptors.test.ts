import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { canKeepAwake } from "../../../src/embedded/descriptors.ts";

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

  it("are enough for three files each and what else is open", async () => {
    expect(await canKeepAwake(dataDir, limitedTo("1030"))).toBe(true);
    expect(await canKeepAwake(dataDir, limitedTo("unlimited"))).toBe(true);
    expect(warn).not.toHaveBeenCalled();
  });

  it("are too few below that, which is said with how many are needed", async () => {
    expect(await canKeepAwake(dataDir, limitedTo("1029"))).toBe(false);
    const [line] = warn.mock.calls[0] ?? [];
    expect(JSON.parse(String(line))).toMatchObject({
      event: "descriptors.too_few",
      objects: skus,
      needed: 1030,
      limit: 1029,
    });
  });

  it("are taken for enough where nobody says how many there are, and before the first start", async () => {
    expect(await canKeepAwake(dataDir, join(dataDir, "nothing"))).toBe(true);
    expect(await canKeepAwake(join(dataDir, "nowhere"), limitedTo("2000"))).toBe(true);
  });
});

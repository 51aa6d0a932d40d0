import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { Listing } from "../../src/channel/listings/listing.ts";
import { ChannelStore } from "../../src/channel/store.ts";

/** Runs with the store of a channel's object, and tells of each statement that wrote how many rows it wrote. */
async function withStore<Result>(
  id: string,
  run: (store: ChannelStore, rows: () => number[]) => Result,
): Promise<Result> {
  return runInDurableObject(env.CHANNEL.getByName(id), (_, state) => {
    const store = new ChannelStore(state.storage);
    store.transaction(() => store.migrate());
    const exec = vi.spyOn(Object.getPrototypeOf(state.storage.sql) as SqlStorage, "exec");
    const rows = () => {
      const written = exec.mock.results.map(({ type, value }) => (type === "return" ? value.rowsWritten : 0));
      exec.mockClear();
      return written.filter((count) => count > 0);
    };
    try {
      return run(store, rows);
    } finally {
      exec.mockRestore();
    }
  });
}

const listing = (sku: string, more: Partial<Listing> = {}): Listing => ({
  sku,
  isExplicit: true,
  state: "unstocked",
  ...more,
});

describe("the store of listings", () => {
  it("finds listings by the item of the channel they are, several of one item too", async () => {
    const found = await withStore("by-item", (store) => {
      store.putAs(listing("A", { external: "1" }), "item 1");
      store.putAs(listing("C", { external: "2" }), "item 2");
      store.putAs(listing("B", { external: "2" }), "item 2");
      store.put([listing("D")]);
      store.putAs(listing("A"), undefined);
      return store.skusOf(["item 1", "item 2", "item 3"]);
    });
    expect([...found]).toEqual([["item 2", ["B", "C"]]]);
  });

  it("keeps the item of a listing when its stock changes, for one row", async () => {
    await withStore("thrifty-listings", (store, rows) => {
      store.putAs(listing("A", { external: "1" }), "item 1");
      // The listing, and the index by item.
      expect(rows()).toEqual([2]);
      store.put([listing("A", { external: "1", state: "due" }), listing("B")]);
      expect(rows()).toEqual([2]);
      expect(store.skusOf(["item 1"]).get("item 1")).toEqual(["A"]);
      expect(store.get(["A"]).get("A")?.state).toBe("due");
      store.putAs(listing("A", { external: "2" }), "item 2");
      expect(store.skusOf(["item 1", "item 2"])).toEqual(new Map([["item 2", ["A"]]]));
    });
  });

  it("finds what is ahead after a start: due, to be verified, or with units withheld; page by page", async () => {
    const pages = await withStore("pending", (store) => {
      store.put([
        listing("A", { state: "due" }),
        listing("B", { state: "published" }),
        listing("C", { state: "published", verify: { atMs: 5 } }),
        listing("D", { state: "published", withheld: { units: 1, sinceMs: 5 } }),
        listing("E", { state: "failed" }),
      ]);
      const first = store.pending("", 2);
      return [first, store.pending(first.at(-1)?.sku ?? "", 2)].map((page) => page.map(({ sku }) => sku));
    });
    expect(pages).toEqual([["A", "C"], ["D"]]);
  });
});

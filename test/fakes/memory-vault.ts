import type { Vault } from "../../src/channel/kit/adapter.ts";

/** A vault that outlives its adapter, as the channel's store does. */
export class MemoryVault implements Vault {
  readonly texts = new Map<string, string>();
  writes = 0;

  async read(name: string): Promise<string | undefined> {
    return this.texts.get(name);
  }

  async write(name: string, secret: string): Promise<void> {
    // A store takes a moment, in which other calls go on.
    await Promise.resolve();
    this.writes += 1;
    this.texts.set(name, secret);
  }
}

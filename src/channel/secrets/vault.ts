import type { Vault } from "../kit/adapter.ts";
import type { SecretBox } from "./box.ts";
import { log } from "../../telemetry/log.ts";

interface SealedTexts {
  readVault(name: string): string | undefined;
  writeVault(name: string, sealed: string): void;
}

/** What an adapter must not lose, sealed in the channel's own store. What cannot be opened counts as not there. */
export class SealedVault implements Vault {
  readonly #channel: string;
  readonly #texts: SealedTexts;
  readonly #box: SecretBox;

  constructor(channel: string, texts: SealedTexts, box: SecretBox) {
    this.#channel = channel;
    this.#texts = texts;
    this.#box = box;
  }

  async read(name: string): Promise<string | undefined> {
    const sealed = this.#texts.readVault(name);
    if (sealed === undefined) return undefined;
    try {
      return await this.#box.open(sealed, vaultPurpose(this.#channel, name));
    } catch (error) {
      log("channel.secrets_unreadable", { channel: this.#channel, secret: name }, { error });
      return undefined;
    }
  }

  async write(name: string, secret: string): Promise<void> {
    this.#texts.writeVault(name, await this.#box.seal(secret, vaultPurpose(this.#channel, name)));
  }
}

/** What a text of a channel's vault is sealed for. */
export function vaultPurpose(channel: string, name: string): string {
  return `channel ${channel} vault ${name}`;
}

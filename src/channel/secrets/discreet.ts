import { redact } from "../../telemetry/redact.ts";
import type { Vault } from "../kit/adapter.ts";
import type { OpenChannel } from "../kit/registered.ts";

/** So much of a secret is taken for it: a text may have been cut in the middle of one. */
const prefixLength = 10;
/** Shorter ones are words that may stand anywhere. */
const secretLengthMin = 8;

/**
 * What a channel's secrets are, so that they can be taken out of its own words: debug pages and proxies repeat what
 * they were sent, and what a channel says is shown, stored and logged.
 */
export class Discretion {
  readonly #secrets = new Set<string>();

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) this.#learn(secret);
  }

  /** A vault whose texts, or the texts in them if they are JSON, count as secrets from then on. */
  overhear(vault: Vault): Vault {
    return {
      read: async (name) => {
        const text = await vault.read(name);
        if (text !== undefined) this.#learnAll(text);
        return text;
      },
      write: (name, secret) => {
        this.#learnAll(secret);
        return vault.write(name, secret);
      },
    };
  }

  /** The text without any of the secrets, without the beginning of one, and without what looks like one. */
  clean(text: string): string {
    let cleaned = text;
    for (const secret of this.#secrets) cleaned = without(cleaned, secret);
    return redact(cleaned);
  }

  #learnAll(text: string): void {
    this.#learn(text);
    try {
      for (const value of Object.values(JSON.parse(text) as object))
        if (typeof value === "string") this.#learn(value);
    } catch {
      // Not JSON: the text itself is the secret.
    }
  }

  /** As it is, and as forms and JSON write it. */
  #learn(secret: string): void {
    if (secret.length < secretLengthMin) return;
    const forms = [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)];
    for (const form of forms) this.#secrets.add(form);
  }
}

/** The same channel, which says none of its secrets, whatever it was told. */
export function discreet(channel: OpenChannel, discretion: Discretion): OpenChannel {
  const clean = (text: string) => discretion.clean(text);
  const careful = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      // The error stays what it is: callers tell its kind.
      if (error instanceof Error) {
        error.message = clean(error.message);
        error.stack = clean(error.stack ?? "");
      }
      throw error;
    }
  };
  return {
    async publish(publications) {
      const results = await careful(channel.publish(publications));
      return results.map((result) =>
        "detail" in result ? { ...result, detail: clean(result.detail) } : result,
      );
    },
    async check() {
      const findings = await careful(channel.check());
      return findings.map(({ isOk, check, advice }) => ({
        isOk,
        check: clean(check),
        ...(advice !== undefined && { advice: clean(advice) }),
      }));
    },
    async receive(request) {
      const received = await careful(channel.receive(request));
      return "detail" in received ? { ...received, detail: clean(received.detail) } : received;
    },
    readPage: (cursor) => careful(channel.readPage(cursor)),
    readListings: (listings) => careful(channel.readListings(listings)),
    lookUp: (orderIds) => careful(channel.lookUp(orderIds)),
    poll: (cursor) => careful(channel.poll(cursor)),
    acknowledge: (receipts) => careful(channel.acknowledge(receipts)),
  };
}

function without(text: string, secret: string): string {
  const prefix = secret.slice(0, prefixLength);
  let rest = text;
  let cleaned = "";
  for (let start = rest.indexOf(prefix); start >= 0; start = rest.indexOf(prefix)) {
    let length = prefix.length;
    while (length < secret.length && rest[start + length] === secret[length]) length += 1;
    cleaned += `${rest.slice(0, start)}[secret]`;
    rest = rest.slice(start + length);
  }
  return cleaned + rest;
}

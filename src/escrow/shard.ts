import type { ShardAddress } from "./address.ts";
import { type Command, decide, expire } from "./decide.ts";
import type { Records, Reply } from "./decision.ts";
import { KeyFilter } from "./key-filter.ts";
import type { ShardState } from "./shard-state.ts";
import type { ShardStore } from "./store.ts";

/** Keeps a shard's state, in memory and stored. What is in memory changes only if the transaction holds. */
export class Shard {
  readonly #store: ShardStore;
  readonly #transaction: <Result>(run: () => Result) => Result;
  #state: ShardState;
  #knownKeys: KeyFilter | undefined;

  /** Grants of epochs before `currentFrom` are from before a restore. */
  constructor(
    address: ShardAddress,
    store: ShardStore,
    transaction: <Result>(run: () => Result) => Result,
    currentFrom = "",
  ) {
    this.#store = store;
    this.#transaction = transaction;
    this.#state = store.load(address, currentFrom);
    this.#knownKeys = store.knownKeys();
  }

  get state(): ShardState {
    return this.#state;
  }

  /** Decides commands one after the other, in one transaction; if it throws, nothing happened. */
  commit(commands: readonly Command[], nowMs: number): readonly Reply[] {
    let state = this.#state;
    let knownKeys = this.#knownKeys;
    const records: Records = {
      answerTo: (key) => this.#store.answerTo(key),
      ended: (id) => this.#store.endedHold(id),
      mayKnow: (key) => knownKeys?.mayKnow(key) ?? true,
    };
    const { replies, head } = this.#transaction(() => {
      this.#store.prepare();
      const decided = commands.map((command): Reply => {
        const due = expire(state, nowMs);
        for (const hold of due.holds) this.#store.saveHold(hold, nowMs);
        const decision = decide(due.state, command, records, nowMs);
        for (const hold of decision.holds ?? []) this.#store.saveHold(hold, nowMs);
        const { answer, knownKeys: told } = decision;
        if (answer !== undefined) {
          this.#store.saveAnswer(answer.key, answer.fingerprint, answer.answer, nowMs);
        }
        if (told !== undefined) {
          this.#store.saveKnownKeys(told);
          knownKeys = KeyFilter.fromText(told);
        }
        state = decision.state;
        return decision.reply;
      });
      return { replies: decided, head: this.#store.saveHead(state) };
    });
    this.#store.saved(head);
    this.#state = state;
    this.#knownKeys = knownKeys;
    return replies;
  }
}

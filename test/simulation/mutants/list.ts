import type { Patch } from "../code/patches.ts";

/** A bug that is planted into the product to see whether the simulator finds it. */
export interface Mutant extends Patch {
  readonly name: string;
}

/** Every one of them must be found. A text that does not stand in its file exactly once any more fails the hunt. */
export const mutants: readonly Mutant[] = [
  {
    name: "the last unit is sold twice",
    file: "src/stock/decide/reservations.ts",
    find: "if (quantity > most) {",
    replace: "if (quantity > most + 1) {",
  },
  {
    name: "no idempotency",
    file: "src/sku/batch.ts",
    find: "const guarded = this.#guard(request);",
    replace: "request = { ...request, key: undefined };\n    const guarded = this.#guard(request);",
  },
  {
    name: "refusals do not stick",
    file: "src/sku/batch.ts",
    find: "if (exists(state) && isSticky(decision.refusal)) {",
    replace: "if (false) {",
  },
  {
    name: "expiry ignored",
    file: "src/stock/evolve.ts",
    find: "reservations: state.reservations.set(id, reservation),\n    nextExpiryAtMs: Math.min(state.nextExpiryAtMs, expiresAtMs),",
    replace: "reservations: state.reservations.set(id, reservation),",
  },
  {
    name: "reservations end too early",
    file: "src/stock/decide/reservations.ts",
    find: ".filter((reservation) => reservation.expiresAtMs <= nowMs)",
    replace: ".filter(() => true)",
  },
  {
    name: "a reservation ends twice",
    file: "src/stock/evolve.ts",
    find: "reservations: state.reservations.delete(id),",
    replace: "",
  },
  {
    name: "an order line is counted twice",
    file: "src/stock/decide/orders.ts",
    find: "if (recordedLine !== undefined) {",
    replace: "if (recordedLine !== undefined && recordedLine.open.length === 0) {",
  },
  {
    name: "what a channel reports again is counted again",
    file: "src/stock/decide/report.ts",
    find: "const quantity = told.ordered - (lineOf(after, mutation, told)?.ordered ?? 0);",
    replace: "const quantity = told.ordered;",
  },
  {
    name: "memory is replaced although the transaction failed",
    file: "src/sku/keeper.ts",
    find: "const decided = applyBatch(this.#store, this.#state, requests, nowMs);",
    replace:
      "const decided = applyBatch(this.#store, this.#state, requests, nowMs);\n      this.#state = decided.state;",
  },
  {
    name: "outbox not sent again",
    file: "src/sku/sku-object.ts",
    find: "return Math.min(this.#state.nextExpiryAtMs, this.#outbox.retryAtMs);",
    replace: "return this.#state.nextExpiryAtMs;",
  },
  {
    name: "cursor moved before the consumer is done",
    file: "src/sku/outbox.ts",
    find: "#wasSent(position: Position): void {\n    this.#sent = position;",
    replace:
      "#wasSent(position: Position): void {\n    this.#sent = position;\n    this.#confirmed = position;",
  },
  {
    name: "a confirmation counts across a gap",
    file: "src/sku/outbox.ts",
    find: "return this.#ahead.find((range) => comparePositions(range.after, this.#confirmed) <= 0);",
    replace: "return this.#ahead[0];",
  },
  {
    name: "D1 goes back to an older level",
    file: "src/ledger/projection.ts",
    find: "WHERE (excluded.epoch, excluded.version) > (levels.epoch, levels.version)`;",
    replace: "`;",
  },
  {
    name: "what one of the ledger's databases did not take is confirmed",
    file: "src/ledger/consumer.ts",
    find: "const missing = new Set(failures.flatMap((failure) => failure.messages.map(({ sku }) => sku)));",
    replace: "const missing = new Set<string>();",
  },
  {
    name: "stale publish allowed",
    file: "src/channel/listing.ts",
    find: "if (!isNewer(stock, listing.wanted)) return undefined;",
    replace: "",
  },
  {
    name: "a number is raised over an unseen sale",
    file: "src/channel/listing-answers.ts",
    find: "missing > 0 ? { units: (before?.units ?? 0) + missing, sinceMs: before?.sinceMs ?? nowMs } : before;",
    replace: "before;",
  },
  {
    name: "a feed's bound is ignored",
    file: "src/feed/following.ts",
    find: "if (entry.stock !== undefined && entry.verifiedAtMs >= oldestMs)",
    replace: "if (entry.stock !== undefined && oldestMs > 0)",
  },
  {
    name: "the alarm is put off",
    file: "src/storage/wake.ts",
    find: "if (atMs >= this.#armedAtMs) return;",
    replace: "",
  },
];

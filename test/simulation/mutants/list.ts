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
    find: "if (exists(state) && isKept(request.mutation, decision.refusal)) {",
    replace: "if (false) {",
  },
  {
    name: "expiry ignored",
    file: "src/stock/evolve.ts",
    find: "granted: state.granted + (shard === undefined ? 0 : quantity),\n    nextExpiryAtMs: Math.min(state.nextExpiryAtMs, expiresAtMs),",
    replace: "granted: state.granted + (shard === undefined ? 0 : quantity),",
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
    find: "Math.min(this.#state.nextExpiryAtMs, this.#outbox.lookAtMs);",
    replace: "this.#state.nextExpiryAtMs;",
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
    file: "src/ledger/reach.ts",
    find: ") WHERE version - place = ?3 - 1",
    replace: ")",
  },
  {
    name: "D1 goes back to an older level",
    file: "src/ledger/projection.ts",
    find: "WHERE (excluded.epoch, excluded.version) > (levels.epoch, levels.version)`;",
    replace: "`;",
  },
  {
    name: "SKUs are told that the ledger has what it did not take",
    file: "src/ledger/consumer.ts",
    find: "for (const message of batch.messages) retry(message);",
    replace: "await report(messages, env);",
  },
  {
    name: "stale publish allowed",
    file: "src/channel/listings/listing.ts",
    find: "if (!isNewer(stock, listing.wanted)) return undefined;",
    replace: "",
  },
  {
    name: "a number is raised over an unseen sale",
    file: "src/channel/listings/answers.ts",
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
    name: "If-Match ignored",
    file: "src/sku/batch.ts",
    find: "if (ifMatch !== undefined && !ifMatch.some((wanted) => isAt(this.#state, wanted))) {",
    replace: "if (false) {",
  },
  {
    name: "in the ledger although a channel was not told",
    file: "src/ledger/consumer.ts",
    find: "await Promise.all(untold.map(({ id }) => env.CHANNEL.getByName(id).submit(changes)));",
    replace: "void Promise.allSettled(untold.map(({ id }) => env.CHANNEL.getByName(id).submit(changes)));",
  },
  {
    name: "SKUs hear of an order before it is stored",
    file: "src/order/order-object.ts",
    find: "isNew ? this.#savePending(withLines(known, { ...fact, lines: told })) : known,",
    replace: "isNew ? withLines(known, { ...fact, lines: told }) : known,",
  },
  {
    name: "who comes back to a feed is told nothing",
    file: "src/feed/sessions.ts",
    find: "if (stock === undefined || !isNews(stock, seen)) return;",
    replace: "if (stock === undefined || seen !== undefined) return;",
  },
  {
    name: "a push that was lost is not repaired",
    file: "src/feed/feed-object.ts",
    find: ".map((sku) => this.#following.revalidate(sku));",
    replace: ".map(() => Promise.resolve());",
  },
  {
    name: "listeners hear an event again that comes twice",
    file: "src/ledger/tail.ts",
    find: "WHERE NOT EXISTS (SELECT 1 FROM ledger\n             WHERE sku = value ->> 0 AND epoch = value ->> 1 AND version = value ->> 2)",
    replace: "WHERE true",
  },
  {
    name: "kits do not hear of their components",
    file: "src/ledger/consumer.ts",
    find: "...kitsOf(messages).map((kit) => env.SKU.getByName(kit).refresh()),",
    replace: "",
  },
  {
    name: "a bulk request mixes its answers up",
    file: "src/api/bulk.ts",
    find: "answers[mutation.index] = answerOf(mutation, results[at]);",
    replace: "answers[mutation.index] = answerOf(mutation, results[results.length - 1 - at]);",
  },
  {
    name: "what was read last is shown after a change",
    file: "src/sku/sku-object.ts",
    find: "latestViews.forget(this.#state.sku);",
    replace: "",
  },
  {
    name: "what was added after a gap counts as all that was added",
    file: "src/ledger/lately-added.ts",
    find: "one.first <= other.last + 1 && other.first <= one.last + 1",
    replace: "true",
  },
];

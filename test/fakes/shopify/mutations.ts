import { getDirectiveValues, GraphQLError, type GraphQLResolveInfo } from "graphql";
import { type FakeItem, gid, idIn, type Items, levelView } from "./items.ts";
import type { ApiVersion } from "./schema.ts";

const keyLifetimeMs = 24 * 3_600_000;
const reasons = new Set([
  "correction",
  "cycle_count_available",
  "damaged",
  "other",
  "received",
  "restock",
  "shrinkage",
]);

interface QuantityInput {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly quantity: number;
  readonly changeFromQuantity?: number | null;
}

interface SetInput {
  readonly name: string;
  readonly reason: string;
  readonly referenceDocumentUri?: string;
  readonly quantities: readonly QuantityInput[];
}

interface FakeUserError {
  readonly code: string;
  readonly field: readonly string[];
  readonly message: string;
}

interface KeyRecord {
  readonly fingerprint: string;
  readonly result: unknown;
  readonly isFailed: boolean;
  readonly atMs: number;
}

/** Writes of the inventory, with the keys that make them safe to repeat. */
export class Mutations {
  /** Inputs in the order in which they were carried out. */
  readonly carriedOut: { readonly key: string; readonly input: SetInput }[] = [];
  readonly activated: number[] = [];
  /** Requests that find an earlier one with their key still at work. */
  concurrent = 0;
  readonly #keys = new Map<string, KeyRecord>();
  readonly #items: Items;
  readonly #version: () => ApiVersion;
  readonly #now: () => number;
  readonly #changed: (item: FakeItem, locationId: number) => void;

  constructor(
    items: Items,
    version: () => ApiVersion,
    now: () => number,
    changed: (item: FakeItem, locationId: number) => void,
  ) {
    this.#items = items;
    this.#version = version;
    this.#now = now;
    this.#changed = changed;
  }

  set(input: SetInput, info: GraphQLResolveInfo): unknown {
    const key = idempotencyKey(info);
    const fingerprint = JSON.stringify(input);
    const refusal = this.#refuseKey(key, fingerprint);
    if (refusal !== undefined) return failure([keyError(refusal)]);
    const replayed = this.#known(key);
    if (replayed !== undefined) return replayed.result;
    const errors = this.#refuse(input);
    const result = errors.length > 0 ? failure(errors) : this.#apply(input);
    this.#keys.set(key, { fingerprint, result, isFailed: errors.length > 0, atMs: this.#now() });
    if (errors.length === 0) this.carriedOut.push({ key, input });
    return result;
  }

  activate(
    args: { inventoryItemId: string; locationId: string; available?: number },
    info: GraphQLResolveInfo,
  ) {
    const key = idempotencyKey(info);
    const fingerprint = JSON.stringify(args);
    const known = this.#known(key);
    if (known !== undefined && known.fingerprint === fingerprint) return known.result;
    const item = this.#items.find(idIn("InventoryItem", args.inventoryItemId));
    const location = this.#items.locations.get(idIn("Location", args.locationId) ?? 0);
    const refusal =
      item === undefined
        ? "The product couldn't be stocked because it wasn't found."
        : location?.isActive !== true
          ? "The product couldn't be stocked because the location wasn't found."
          : item.fulfillmentService === "manual"
            ? undefined
            : "The product is stocked by a fulfillment service, and can't be stocked at this location.";
    if (item === undefined || location === undefined || refusal !== undefined) {
      return { inventoryLevel: null, userErrors: [{ field: ["inventoryItemId"], message: refusal }] };
    }
    const level = this.#items.stock(item, location.id, this.#now());
    this.activated.push(item.id);
    const result = { inventoryLevel: levelView(item, location.id, level), userErrors: [] };
    this.#keys.set(key, { fingerprint, result, isFailed: false, atMs: this.#now() });
    return result;
  }

  #refuseKey(key: string, fingerprint: string): string | undefined {
    if (this.concurrent > 0) {
      this.concurrent -= 1;
      return "IDEMPOTENCY_CONCURRENT_REQUEST";
    }
    const known = this.#known(key);
    if (known === undefined) return undefined;
    if (known.fingerprint !== fingerprint) return "IDEMPOTENCY_KEY_PARAMETER_MISMATCH";
    return known.isFailed ? "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED" : undefined;
  }

  #known(key: string): KeyRecord | undefined {
    const known = this.#keys.get(key);
    return known !== undefined && known.atMs + keyLifetimeMs > this.#now() ? known : undefined;
  }

  /** Everything that is wrong in itself comes first; only then are quantities compared. */
  #refuse({ name, reason, referenceDocumentUri, quantities }: SetInput): FakeUserError[] {
    if (quantities.length > 250) {
      throw new GraphQLError("The input array size of 251 is greater than the maximum allowed of 250.", {
        extensions: { code: "MAX_INPUT_SIZE_EXCEEDED" },
      });
    }
    if (name !== "available" && name !== "on_hand") return [problem("INVALID_NAME", ["input", "name"])];
    if (!reasons.has(reason)) return [problem("INVALID_REASON", ["input", "reason"])];
    if (referenceDocumentUri !== undefined && !isReference(referenceDocumentUri)) {
      return [problem("INVALID_REFERENCE_DOCUMENT", ["input", "referenceDocumentUri"])];
    }
    const seen = new Set<string>();
    const wrong = quantities.flatMap((quantity, place) => {
      const pair = `${quantity.inventoryItemId} ${quantity.locationId}`;
      const isDouble = seen.has(pair);
      seen.add(pair);
      return isDouble
        ? [at(place, "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", "locationId")]
        : this.#wrong(quantity, place);
    });
    return wrong.length > 0 ? wrong : quantities.flatMap((quantity, place) => this.#stale(quantity, place));
  }

  #wrong(quantity: QuantityInput, place: number): FakeUserError[] {
    const item = this.#items.find(idIn("InventoryItem", quantity.inventoryItemId));
    const locationId = idIn("Location", quantity.locationId);
    if (item === undefined) return [at(place, "INVALID_INVENTORY_ITEM", "inventoryItemId")];
    if (this.#items.locations.get(locationId ?? 0) === undefined)
      return [at(place, "INVALID_LOCATION", "locationId")];
    if (item.isBundle) return [at(place, "NON_MUTABLE_INVENTORY_ITEM", "inventoryItemId")];
    if (quantity.quantity < 0) return [at(place, "INVALID_QUANTITY_NEGATIVE", "quantity")];
    if (quantity.quantity > 1e9) return [at(place, "INVALID_QUANTITY_TOO_HIGH", "quantity")];
    if (quantity.changeFromQuantity === undefined)
      return [at(place, "COMPARE_QUANTITY_REQUIRED", "changeFromQuantity")];
    const isUnstocked = this.#items.level(item, locationId) === undefined;
    // 2026-10 has no such code any more.
    return isUnstocked && this.#version() === "2026-07"
      ? [at(place, "ITEM_NOT_STOCKED_AT_LOCATION", "locationId")]
      : [];
  }

  #stale({ inventoryItemId, locationId, changeFromQuantity }: QuantityInput, place: number): FakeUserError[] {
    const item = this.#items.find(idIn("InventoryItem", inventoryItemId));
    const level = item && this.#items.level(item, idIn("Location", locationId));
    const isStale = typeof changeFromQuantity === "number" && level?.available !== changeFromQuantity;
    return isStale ? [at(place, "CHANGE_FROM_QUANTITY_STALE", "changeFromQuantity")] : [];
  }

  #apply({ quantities }: SetInput): unknown {
    for (const { inventoryItemId, locationId, quantity } of quantities) {
      const item = this.#items.find(idIn("InventoryItem", inventoryItemId));
      const id = idIn("Location", locationId);
      if (item === undefined || id === undefined) throw new Error("an item that was there is gone");
      const level = this.#items.level(item, id) ?? this.#items.stock(item, id, this.#now());
      level.available = quantity;
      level.updatedAtMs = this.#now();
      this.#changed(item, id);
    }
    return { inventoryAdjustmentGroup: { id: gid("InventoryAdjustmentGroup", 1) }, userErrors: [] };
  }
}

function idempotencyKey(info: GraphQLResolveInfo): string {
  const directive = info.schema.getDirective("idempotent");
  const [node] = info.fieldNodes;
  const values = directive && node && getDirectiveValues(directive, node, info.variableValues);
  const key = values?.["key"];
  if (typeof key !== "string" || key.trim() === "") {
    throw new GraphQLError("The @idempotent directive is required for this mutation but was not provided.", {
      extensions: { code: "BAD_REQUEST" },
    });
  }
  return key;
}

/** A URI of any kind; a global id must have all its parts. */
function isReference(text: string): boolean {
  return text.startsWith("gid://") ? /^gid:\/\/[^/]+\/[^/]+\/.+$/.test(text) : URL.canParse(text);
}

function failure(userErrors: readonly FakeUserError[]): unknown {
  return { inventoryAdjustmentGroup: null, userErrors };
}

const keyError = (code: string): FakeUserError => problem(code, []);

function at(place: number, code: string, field: string): FakeUserError {
  return problem(code, ["input", "quantities", String(place), field]);
}

function problem(code: string, field: readonly string[]): FakeUserError {
  return { code, field, message: `Shopify says: ${code.toLowerCase().replaceAll("_", " ")}` };
}

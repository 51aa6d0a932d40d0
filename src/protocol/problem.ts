import { z } from "zod";

/** Every kind of problem there is: the slug its `type` ends in, its status, and its title (RFC 9457). */
export const problemTypes = {
  "malformed-json": [400, "The body is not JSON"],
  "invalid-request": [400, "The request does not fit its schema"],
  "idempotency-key-missing": [400, "An Idempotency-Key is required"],
  "idempotency-key-invalid": [400, "The Idempotency-Key is not valid"],
  "precondition-invalid": [400, "The If-Match header is not valid"],
  "invalid-cursor": [400, "The cursor is not valid"],
  "unknown-message": [400, "The message is not known"],
  "too-many-skus": [400, "More SKUs than may be watched at once"],
  "malformed-delivery": [400, "The channel's delivery cannot be understood"],
  unauthorized: [401, "An API key is required"],
  "signature-invalid": [401, "The signature is not the channel's"],
  "origin-not-allowed": [403, "The key may not be used by pages of this origin"],
  forbidden: [403, "The API key may not do this"],
  "not-found": [404, "There is nothing here"],
  "sku-not-found": [404, "The SKU is unknown"],
  "reservation-not-found": [404, "The reservation is unknown"],
  "order-not-found": [404, "The order is unknown"],
  "unmatched-not-found": [404, "There is no such unmatched line"],
  "channel-not-found": [404, "The channel is unknown"],
  "listing-not-found": [404, "The listing is unknown"],
  "run-not-found": [404, "There is no such run"],
  "key-not-found": [404, "The API key is unknown"],
  "version-not-found": [404, "The SKU has no such version"],
  "oversell-not-found": [404, "The oversell is unknown"],
  "dead-letter-not-found": [404, "The dead letter is unknown"],
  "method-not-allowed": [405, "The method is not allowed here"],
  "insufficient-stock": [409, "There is not enough stock"],
  "insufficient-unavailable": [409, "Fewer units are unavailable"],
  "insufficient-incoming": [409, "Fewer units are incoming"],
  "sku-in-use": [409, "Units of the SKU are reserved or committed"],
  "sku-has-stock": [409, "The SKU has stock of its own"],
  "sku-is-kit": [409, "A kit has no stock of its own"],
  "sku-is-no-kit": [409, "The SKU is not a kit"],
  "sku-cannot-be-sharded": [409, "The SKU cannot be sold by shards like this"],
  "kit-invalid": [422, "The kit cannot be made of this"],
  "listing-conflict": [409, "The SKU and the item are listed otherwise"],
  "line-matched": [409, "The order line is matched to another SKU"],
  "reservation-ended": [409, "The reservation has ended"],
  "reservation-exceeded": [409, "More than was reserved"],
  "order-line-conflict": [409, "The order line is recorded differently"],
  "quantity-not-open": [409, "More than is open of the order line"],
  "allowance-exceeded": [409, "The caller would hold more than it may"],
  "too-many-reservations": [409, "The SKU has too many reservations"],
  "too-many-locations": [409, "The SKU has too many locations"],
  "import-running": [409, "Another import is under way"],
  "oversell-resolved": [409, "The oversell was resolved differently"],
  "cursor-expired": [410, "What comes after the cursor is no longer kept in order"],
  "reservation-expired": [410, "The reservation has expired"],
  "version-mismatch": [412, "The SKU has changed"],
  "payload-too-large": [413, "The body is too large"],
  "unsupported-media-type": [415, "The body must be JSON"],
  "idempotency-key-reused": [422, "The Idempotency-Key was used for another request"],
  "quantity-out-of-range": [422, "A quantity would leave its range"],
  "channel-settings-invalid": [422, "The channel cannot be set up like this"],
  "channel-cannot-be-read": [422, "The channel cannot say what it shows"],
  "upgrade-required": [426, "A WebSocket is expected here"],
  "precondition-required": [428, "An If-Match header is required"],
  "quota-exceeded": [429, "More requests than the caller may make"],
  "internal-error": [500, "Something went wrong"],
  "ledger-incomplete": [503, "Entries of the ledger are missing"],
  unavailable: [503, "Try again in a moment"],
} as const satisfies Record<string, readonly [number, string]>;

/** The `type` of a problem: stable, absolute, and it ends in the slug. */
export function problemType(slug: ProblemSlug): string {
  return `https://stockwire.dev/problems/${slug}`;
}

export type ProblemSlug = keyof typeof problemTypes;

/** The body of every error answer, `application/problem+json` (RFC 9457). */
export const Problem = z
  .looseObject({
    type: z.string().meta({ example: "https://stockwire.dev/problems/insufficient-stock" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().meta({ description: "What is wrong, and what to do about it" }),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .optional()
      .meta({ description: "The fields at fault, as JSON pointers into the body or the request" }),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;

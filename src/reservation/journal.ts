import { limits } from "../protocol/limits.ts";
import type { Taken } from "../protocol/stock.ts";
import type { LocationChoice } from "../stock/mutation.ts";
import { unreachable } from "../stock/refusal.ts";
import type {
  CommitRequest,
  HoldRequest,
  OperationKey,
  ReservationRefusal,
  ReservationSnapshot,
} from "./contract.ts";

/** One SKU's share of a reservation. `line` is the place of its line in the request. */
export interface Leg extends LocationChoice {
  readonly sku: string;
  readonly quantity: number;
  readonly line: number;
  /** The order line it becomes when it is committed. */
  readonly lineId: string;
  readonly reservationId?: string;
  readonly taken?: readonly Taken[];
  readonly epoch?: string;
  readonly version?: number;
}

/**
 * Where a reservation stands. Written before each step, so that whoever wakes up after a crash knows what to do:
 * `holding` goes back, `extending`, `committing` and `releasing` go forward; the others are ends, or wait.
 */
export type Stage =
  | "holding"
  | "extending"
  | "active"
  | "committing"
  | "releasing"
  | "committed"
  | "released"
  | "expired"
  | "refused";

export interface Journal {
  readonly id: string;
  readonly stage: Stage;
  readonly request: HoldRequest;
  /** What is held, as it was held. */
  readonly legs: readonly Leg[];
  readonly expiresAtMs: number;
  /** When it was to expire as it was held: a repeated hold is answered as at first. */
  readonly firstExpiresAtMs: number;
  /** What `releasing` ends in. */
  readonly end?: "released" | "expired" | "refused";
  readonly refusal?: ReservationRefusal;
  readonly commit?: CommitRequest;
  /** What the commit made of the legs. */
  readonly committed?: readonly Leg[];
  /** When nothing was left to be done. */
  readonly endedAtMs?: number;
  readonly keys: Readonly<Record<string, KeyRecord>>;
}

/** What was asked with a key, and what is needed to answer it again beyond the reservation itself. */
export interface KeyRecord {
  readonly fingerprint: string;
  /** Until when an extension made it last. */
  readonly expiresAtMs?: number;
  readonly refusal?: ReservationRefusal;
}

/** The journal with a key remembered. */
export function withKey(
  journal: Journal,
  { key, fingerprint }: OperationKey,
  answer: Omit<KeyRecord, "fingerprint"> = {},
): Journal {
  const { [key]: _, ...others } = journal.keys;
  const kept = Object.entries(others).slice(1 - limits.keysPerReservationMax);
  return { ...journal, keys: { ...Object.fromEntries(kept), [key]: { fingerprint, ...answer } } };
}

/** The legs of a request, in the order in which they are taken: by SKU, so that no two carts each hold what the other needs. */
export function legsOf(request: HoldRequest): Leg[] {
  return request.lines
    .flatMap((line, index) => {
      const { location, strategy, locations, split } = line;
      const lineId = String(index + 1);
      if (line.components === undefined) {
        return [
          {
            sku: line.sku,
            quantity: line.quantity,
            line: index,
            lineId,
            location,
            strategy,
            locations,
            split,
          },
        ];
      }
      return line.components.map((component) => ({
        sku: component.sku,
        quantity: component.quantity * line.quantity,
        line: index,
        lineId: `${lineId}/${component.sku}`,
        location,
        strategy,
        locations,
        split,
      }));
    })
    .sort((a, b) => (a.sku === b.sku ? a.line - b.line : a.sku < b.sku ? -1 : 1));
}

/** How much of a leg a commit takes: all of it unless the commit names lines, and then what it names. */
export function committedQuantity(journal: Journal, leg: Leg): number {
  const wanted = journal.commit?.lines;
  const line = journal.request.lines[leg.line];
  if (wanted === undefined || line === undefined) return leg.quantity;
  const perUnit = leg.quantity / line.quantity;
  return perUnit * committedOfLine(journal, leg.line);
}

/** Units of a line that a commit takes. Lines of the same SKU are filled in their order. */
function committedOfLine(journal: Journal, index: number): number {
  const { lines } = journal.request;
  const line = lines[index];
  if (line === undefined) return 0;
  const wanted = (journal.commit?.lines ?? [])
    .filter((part) => part.sku === line.sku)
    .reduce((total, part) => total + part.quantity, 0);
  const before = lines
    .slice(0, index)
    .filter((earlier) => earlier.sku === line.sku)
    .reduce((total, earlier) => total + earlier.quantity, 0);
  return Math.max(0, Math.min(line.quantity, wanted - before));
}

/** The line id a leg is committed under: what the commit calls the line, else its number. */
export function committedLineId(journal: Journal, leg: Leg): string {
  const line = journal.request.lines[leg.line];
  const named = journal.commit?.lines?.find((part) => part.sku === line?.sku)?.lineId;
  if (named === undefined) return leg.lineId;
  const isOnlyLine = journal.request.lines.filter((other) => other.sku === line?.sku).length === 1;
  return line?.components === undefined && isOnlyLine ? named : `${named}/${leg.lineId}`;
}

/** Refuses a commit of more than was reserved, or of what was not. */
export function refuseExcess(journal: Journal, commit: CommitRequest): ReservationRefusal | undefined {
  for (const part of commit.lines ?? []) {
    const requested = (commit.lines ?? [])
      .filter((other) => other.sku === part.sku)
      .reduce((total, other) => total + other.quantity, 0);
    const reserved = journal.request.lines
      .filter((line) => line.sku === part.sku)
      .reduce((total, line) => total + line.quantity, 0);
    if (requested > reserved) return { code: "reservation-exceeded", requested, reserved };
  }
  return undefined;
}

/** Whether two commits ask for the same; then the second is a repetition of the first. */
export function isSameCommit(a: CommitRequest, b: CommitRequest): boolean {
  return JSON.stringify([a.channel, a.orderId, a.lines]) === JSON.stringify([b.channel, b.orderId, b.lines]);
}

/** The reservation as its owner sees it. */
export function snapshotOf(journal: Journal): ReservationSnapshot {
  const { id, request, expiresAtMs, commit, legs: held } = journal;
  const legs = journal.committed ?? held;
  const isCommitted = journal.stage === "committed" || journal.stage === "committing";
  return {
    id,
    status: statusOf(journal.stage),
    expiresAtMs,
    channel: commit?.channel ?? request.channel,
    orderId: commit?.orderId,
    reference: request.reference,
    lines: request.lines.map((line, index) => ({
      sku: line.sku,
      quantity: isCommitted && commit?.lines !== undefined ? committedOfLine(journal, index) : line.quantity,
      isKit: line.components !== undefined,
      legs: legs
        .filter((leg) => leg.line === index)
        .map(({ sku, quantity, lineId, taken = [], epoch, version }) => ({
          sku,
          quantity,
          taken,
          ...(journal.committed !== undefined && { lineId }),
          epoch,
          version,
        })),
    })),
  };
}

/** The reservation as it was while it was held until then. */
export function heldSnapshotOf(journal: Journal, expiresAtMs: number): ReservationSnapshot {
  const { commit: _commit, committed: _committed, ...held } = journal;
  return snapshotOf({ ...held, stage: "active", expiresAtMs });
}

/** When somebody must look after it: at its expiry, at `soonMs` if a step is under way, or to forget it. */
export function wakeAtMs(journal: Journal, soonMs: number): number | undefined {
  switch (journal.stage) {
    case "active":
      return journal.expiresAtMs;
    case "extending":
    case "committing":
    case "releasing":
      return soonMs;
    case "holding":
      return undefined;
    case "committed":
    case "released":
    case "expired":
    case "refused":
      return (journal.endedAtMs ?? soonMs) + limits.reservationRetentionMs;
    default:
      return unreachable(journal.stage);
  }
}

/** Whether there is nothing left to be done. */
export function isOver({ stage }: Journal): boolean {
  return stage === "committed" || stage === "released" || stage === "expired" || stage === "refused";
}

/** Whether a hold that was refused stays refused, so that a retry never does later what was answered "no". */
export function isStickyRefusal({ code }: ReservationRefusal): boolean {
  switch (code) {
    case "insufficient-stock":
    case "reservation-expired":
    case "reservation-ended":
    case "reservation-exceeded":
    case "order-line-conflict":
      return true;
    case "sku-not-found":
    case "sku-is-kit":
    case "quantity-out-of-range":
    case "too-many-reservations":
    case "reservation-not-found":
    case "idempotency-key-reused":
      return false;
    default:
      return unreachable(code);
  }
}

/** Why nothing can be done with a reservation any more; undefined while something can. */
export function refuseEnded(journal: Journal): ReservationRefusal | undefined {
  switch (journal.stage) {
    case "committed":
    case "released":
      return { code: "reservation-ended", end: journal.stage };
    case "expired":
      return { code: "reservation-expired" };
    case "holding":
    case "extending":
    case "active":
    case "committing":
    case "releasing":
    case "refused":
      return undefined;
    default:
      return unreachable(journal.stage);
  }
}

function statusOf(stage: Stage): ReservationSnapshot["status"] {
  if (stage === "committed" || stage === "committing") return "committed";
  if (stage === "released" || stage === "releasing") return "released";
  return stage === "expired" || stage === "refused" ? "expired" : "active";
}

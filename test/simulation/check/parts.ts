import type { PublishedEvent } from "../../../src/protocol/event.ts";
import type { StockView } from "../../../src/protocol/stock.ts";
import { type Answered, itemReference, referenceOf } from "../load/calls.ts";
import type { Step } from "../load/steps.ts";

/** What one mutation was answered: the whole answer, or one item of a bulk request's. */
export interface Part {
  readonly status: number;
  readonly stock: StockView | undefined;
  readonly event: PublishedEvent | undefined;
  /** The last word of the problem's type, if it was refused. */
  readonly problem: string | undefined;
  readonly isReplay: boolean;
  /** What must be the same whenever it is asked again. */
  readonly text: string;
  /** The reference that its event must have. */
  readonly reference: string;
}

interface Body {
  readonly event?: PublishedEvent;
  readonly stock?: StockView;
  readonly type?: string;
}

interface Item extends Omit<Body, "type"> {
  readonly status: number;
  readonly replayed?: boolean;
  readonly problem?: { readonly type: string };
}

/** What an answer says of each mutation that was asked for. */
export function partsOf(step: Step, answer: Answered): Part[] {
  const { status, text, isReplay } = answer;
  if (step.action.type === "bulk" && status === 200) {
    const { items } = JSON.parse(text) as { items: Item[] };
    return items.map(({ status: own, replayed, event, stock, problem }, index) => ({
      status: own,
      stock,
      event,
      problem: slugOf(problem?.type),
      isReplay: replayed === true,
      text: JSON.stringify({ event, stock, problem }),
      reference: itemReference(step, index),
    }));
  }
  const { event, stock, type } = JSON.parse(text) as Body;
  return [{ status, stock, event, problem: slugOf(type), isReplay, text, reference: referenceOf(step) }];
}

function slugOf(type: string | undefined): string | undefined {
  return type?.slice(type.lastIndexOf("/") + 1);
}

/** Refusals that stick to their key. */
const sticky: ReadonlySet<string> = new Set([
  "insufficient-stock",
  "insufficient-unavailable",
  "insufficient-incoming",
  "sku-in-use",
  "sku-has-stock",
  "reservation-expired",
  "reservation-ended",
  "reservation-exceeded",
  "quantity-not-open",
  "order-line-conflict",
]);

/** Whether an answer stands for ever. */
export function isFinal({ status, problem = "" }: Part): boolean {
  return status < 300 ? status !== 202 : sticky.has(problem);
}

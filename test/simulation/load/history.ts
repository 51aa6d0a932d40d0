import { isNewer, type Position } from "../../../src/protocol/position.ts";
import type { Answered, Call, Known } from "./calls.ts";
import type { Step } from "./steps.ts";

/** One time that a step's request was sent. */
export interface Attempt {
  readonly sentAtMs: number;
  /** Absent: lost, nobody knows what became of it. */
  answer?: Answered;
  answeredAtMs?: number;
}

/** A step and what came of it. */
export interface Deed {
  readonly step: Step;
  readonly call: Call;
  readonly attempts: Attempt[];
}

/** Everything that callers did and were told, in order of their steps. */
export class History implements Known {
  readonly deeds = new Map<number, Deed>();

  readonly #told = new Map<string, Position>();

  begin(step: Step, call: Call): Deed {
    const deed: Deed = { step, call, attempts: [] };
    this.deeds.set(step.id, deed);
    return deed;
  }

  positionOf(sku: string): Position | undefined {
    return this.#told.get(sku);
  }

  /** Somebody was told of a SKU. */
  told(sku: string, { epoch, version }: Position): void {
    if (isNewer({ epoch, version }, this.#told.get(sku))) this.#told.set(sku, { epoch, version });
  }

  reservationOf(step: number): string | undefined {
    const id = this.#bodyOf(step)?.["id"];
    return typeof id === "string" ? id : undefined;
  }

  orderOf(step: number): { channel: string; orderId: string; lineId: string } | undefined {
    const action = this.deeds.get(step)?.step.action;
    if (action?.type === "order") return { channel: action.channel, orderId: `o${step}`, lineId: "1" };
    if (action?.type !== "commit" || this.#bodyOf(step) === undefined) return undefined;
    return { channel: action.channel, orderId: `o${step}`, lineId: this.reservationOf(action.of) ?? "" };
  }

  /** The body of a step's first good answer. */
  #bodyOf(step: number): Record<string, unknown> | undefined {
    const good = this.deeds
      .get(step)
      ?.attempts.find(({ answer }) => answer !== undefined && answer.status < 300);
    return good?.answer && (JSON.parse(good.answer.text) as Record<string, unknown>);
  }
}

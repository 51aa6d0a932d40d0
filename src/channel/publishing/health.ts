import type { LogEvent, LogFields } from "../../telemetry/log.ts";
import type { GateMemory } from "./gate.ts";

/** How a channel has been doing, as far as a restart must not forget it. Written only when it changes. */
export interface Health {
  readonly gate: GateMemory;
  readonly lastFailure?: { readonly detail: string; readonly atMs: number } | undefined;
  /** See `ChannelStatusView`. */
  readonly unexplainedUnits?: number | undefined;
}

export interface HealthEffects {
  channel(): string;
  gate(): GateMemory;
  save(health: Health): void;
  log(event: LogEvent, fields: LogFields): void;
}

/** Keeps the health of a channel, and stores it when more has changed than the words of the last failure. */
export class HealthKeeper {
  readonly #effects: HealthEffects;
  #lastFailure: Health["lastFailure"];
  #unexplainedUnits: number;
  #isBreakerOpen: boolean;
  #stored: string;

  /** `health`: as it is stored. The gate has what that says of it already. */
  constructor(health: Health | undefined, effects: HealthEffects) {
    this.#effects = effects;
    this.#lastFailure = health?.lastFailure;
    this.#unexplainedUnits = health?.unexplainedUnits ?? 0;
    this.#isBreakerOpen = health?.gate.open !== undefined;
    this.#stored = this.#worthStoring;
  }

  get lastFailure(): Health["lastFailure"] {
    return this.#lastFailure;
  }

  get unexplainedUnits(): number {
    return this.#unexplainedUnits;
  }

  failed(detail: string, atMs: number): void {
    this.#lastFailure = { detail, atMs };
  }

  unexplained(units: number): void {
    this.#unexplainedUnits += units;
  }

  /** Throws if it cannot be stored; the next call tries again. */
  save(): void {
    const gate = this.#effects.gate();
    this.#logBreaker(gate);
    const current = this.#worthStoring;
    if (current === this.#stored) return;
    const unexplained = this.#unexplainedUnits > 0 && { unexplainedUnits: this.#unexplainedUnits };
    this.#effects.save({ gate, lastFailure: this.#lastFailure, ...unexplained });
    this.#stored = current;
  }

  get #worthStoring(): string {
    return JSON.stringify([this.#effects.gate(), this.#unexplainedUnits]);
  }

  #logBreaker({ open }: GateMemory): void {
    const isOpen = open !== undefined;
    if (isOpen === this.#isBreakerOpen) return;
    this.#isBreakerOpen = isOpen;
    const channel = this.#effects.channel();
    const detail = isOpen ? this.#lastFailure?.detail : undefined;
    this.#effects.log(isOpen ? "channel.breaker_opened" : "channel.breaker_closed", { channel, detail });
  }
}

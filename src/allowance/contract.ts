/** How much one caller may hold at once, and for how long. */
export interface AllowanceCaps {
  readonly unitsMax: number;
  readonly holdsMax: number;
  /** How far away a hold or an extension may put the expiry. */
  readonly ttlSecondsMax: number;
  /** How long a hold may last in all, extensions included. */
  readonly lifetimeSecondsMax: number;
}

/** What a caller wants to hold. */
export interface AllowanceAsk {
  readonly units: number;
  readonly ttlSeconds: number;
}

/** What a caller holds now. */
export interface AllowanceUse {
  readonly units: number;
  readonly holds: number;
}

export type AllowanceCap = "units" | "holds" | "ttlSeconds" | "lifetimeSeconds";

/** Which cap an ask would go over. `used` is what counts against it already. */
export interface AllowanceRefusal {
  readonly code: "allowance-exceeded";
  readonly cap: AllowanceCap;
  readonly limit: number;
  readonly used: number;
  readonly requested: number;
}

export type AllowanceResult =
  | {
      readonly outcome: "granted";
      /** False for the repetition of one that is counted already. */
      readonly isNew: boolean;
      readonly use: AllowanceUse;
    }
  | { readonly outcome: "refused"; readonly refusal: AllowanceRefusal };

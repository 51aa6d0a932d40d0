import { DurableObject } from "cloudflare:workers";
import { Wake } from "../storage/wake.ts";
import { type Claim, type Decided, extend, forgotten, take, useOf } from "./claims.ts";
import type { AllowanceAsk, AllowanceCaps, AllowanceResult, AllowanceUse } from "./contract.ts";
import { ClaimStore } from "./store.ts";

/** How often what is over is swept out. */
const sweepMs = 86_400_000;

/**
 * What one caller holds, one decision at a time, so that no two holds are each granted the last of an allowance. A claim
 * is durable before its SKU is asked, and over by itself: whatever is lost between the two costs the caller time, and
 * nobody stock. Thin on purpose: `claims.ts` decides.
 */
export class AllowanceObject extends DurableObject<Env> {
  readonly #store: ClaimStore;
  readonly #wake: Wake;
  #claims: Map<string, Claim>;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ClaimStore(ctx.storage.sql);
    this.#wake = new Wake(ctx.storage);
    this.#claims = new Map();
    void ctx.blockConcurrencyWhile(async () => {
      if (!this.#store.exists()) return;
      ctx.storage.transactionSync(() => this.#store.migrate());
      this.#claims = this.#store.load();
      await this.#wake.load();
    });
  }

  /** Claims units for a hold that is to be made under a token. */
  async take(token: string, ask: AllowanceAsk, caps: AllowanceCaps): Promise<AllowanceResult> {
    return this.#keep(token, take(this.#claims, token, ask, caps, Date.now()));
  }

  /** Lets a claim last until so long from now. */
  async extend(token: string, ttlSeconds: number, caps: AllowanceCaps): Promise<AllowanceResult> {
    return this.#keep(token, extend(this.#claims, token, ttlSeconds, caps, Date.now()));
  }

  /** Whether something is or was claimed under a token that is not forgotten. */
  async knows(token: string): Promise<boolean> {
    return this.#claims.has(token);
  }

  /** The hold has ended, or was never made: what it claimed is free again. */
  async end(token: string): Promise<void> {
    if (this.#claims.has(token)) this.#remove([token]);
  }

  /** What counts against the caps now. */
  async use(): Promise<AllowanceUse> {
    return useOf(this.#claims, Date.now());
  }

  /** Forgets what is long over; nothing else depends on it. */
  override async alarm(): Promise<void> {
    this.#wake.fired();
    this.#remove(forgotten(this.#claims, Date.now()));
    if (this.#claims.size > 0) this.#wake.by(Date.now() + sweepMs);
  }

  #keep(token: string, { result, claim }: Decided): AllowanceResult {
    if (claim === undefined) return result;
    this.ctx.storage.transactionSync(() => {
      this.#store.migrate();
      this.#store.save(token, claim);
    });
    this.#claims.set(token, claim);
    this.#wake.by(Date.now() + sweepMs);
    return result;
  }

  #remove(tokens: readonly string[]): void {
    this.ctx.storage.transactionSync(() => {
      for (const token of tokens) this.#store.remove(token);
    });
    for (const token of tokens) this.#claims.delete(token);
  }
}

import type { Component, StockView } from "../protocol/stock.ts";
import { ProblemError } from "../http/problem.ts";

/** What is known of SKUs. */
export interface Catalogue {
  /** Undefined if it is unknown. */
  read(sku: string): Promise<StockView | undefined>;
  /** Kits that are made of a SKU, or were once. */
  kitsOf(sku: string): Promise<readonly string[]>;
}

/**
 * What forbids a kit of these components: an unknown one, another kit, itself, or that it is part of a kit. Undefined if
 * nothing does. Send the mutation all the same, at `nowhere`: a key that was answered before the components changed
 * keeps its answer.
 */
export async function kitProblem(
  sku: string,
  components: readonly Component[],
  catalogue: Catalogue,
): Promise<ProblemError | undefined> {
  if (components.length === 0) return undefined;
  const faults = await Promise.all(components.map((component) => faultOf(sku, component, catalogue)));
  const errors = faults.flatMap((detail, index) =>
    detail === undefined ? [] : [{ pointer: `/components/${index}/sku`, detail }],
  );
  const kit = await kitMadeOf(sku, catalogue);
  if (kit !== undefined) {
    const detail = `kit ${kit} is made of ${sku}, and a kit cannot be part of another; change ${kit} first`;
    errors.push({ pointer: "/components", detail });
  }
  if (errors.length === 0) return undefined;
  const detail = errors.map((error) => `${error.pointer}: ${error.detail}`).join("; ");
  return new ProblemError("kit-invalid", { detail, sku, errors });
}

/** What forbids settings that concern other SKUs: an unsound kit, or shards for what kits are made of. */
export async function settingsProblem(
  sku: string,
  {
    components = [],
    shards = 0,
  }: { components?: readonly Component[] | undefined; shards?: number | undefined },
  catalogue: Catalogue,
): Promise<ProblemError | undefined> {
  if (shards <= 1) return kitProblem(sku, components, catalogue);
  const kit = await kitMadeOf(sku, catalogue);
  if (kit === undefined) return kitProblem(sku, components, catalogue);
  const detail = `kit ${kit} is made of ${sku}, and only one object can sell what kits are made of; give it no shards`;
  return new ProblemError("sku-cannot-be-sharded", { detail, sku });
}

/** An If-Match that no SKU fulfils: what is sent with it is answered if its key is known, and refused if not. */
export const nowhere: [] = [];

/** What a mutation sent to `nowhere` comes to: the answer of its key, or else the problem. */
export async function replayedOr<Result>(problem: ProblemError, sent: Promise<Result>): Promise<Result> {
  try {
    return await sent;
  } catch (error) {
    throw error instanceof ProblemError && error.slug === "version-mismatch" ? problem : error;
  }
}

async function kitMadeOf(sku: string, catalogue: Catalogue): Promise<string | undefined> {
  const kits = await Promise.all((await catalogue.kitsOf(sku)).map((kit) => catalogue.read(kit)));
  return kits.find((kit) => kit?.components?.some((part) => part.sku === sku))?.sku;
}

async function faultOf(kit: string, component: Component, catalogue: Catalogue): Promise<string | undefined> {
  if (component.sku === kit) return "a kit cannot be made of itself; name other SKUs";
  const stock = await catalogue.read(component.sku);
  if (stock === undefined) return `SKU ${component.sku} is unknown; create it first`;
  if (stock.shards !== undefined)
    return `SKU ${component.sku} is sold by shards, and kits are made of what one object sells; switch them off first`;
  return stock.components && `SKU ${component.sku} is a kit itself; name what it is made of instead`;
}

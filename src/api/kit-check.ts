import type { Component, StockView } from "../protocol/stock.ts";
import { ProblemError } from "./problem.ts";

/** Reads a SKU; undefined if it is unknown. */
export type ReadSku = (sku: string) => Promise<StockView | undefined>;

/**
 * What forbids a kit of these components: an unknown one, another kit, itself. Undefined if nothing does. Send the
 * mutation all the same, at `nowhere`: a key that was answered before the components changed keeps its answer.
 */
export async function kitProblem(
  sku: string,
  components: readonly Component[],
  read: ReadSku,
): Promise<ProblemError | undefined> {
  const faults = await Promise.all(components.map((component) => faultOf(sku, component, read)));
  const errors = faults.flatMap((detail, index) =>
    detail === undefined ? [] : [{ pointer: `/components/${index}/sku`, detail }],
  );
  if (errors.length === 0) return undefined;
  const detail = errors.map((error) => `${error.pointer}: ${error.detail}`).join("; ");
  return new ProblemError("kit-invalid", { detail, sku, errors });
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

async function faultOf(kit: string, component: Component, read: ReadSku): Promise<string | undefined> {
  if (component.sku === kit) return "a kit cannot be made of itself; name other SKUs";
  const stock = await read(component.sku);
  if (stock === undefined) return `SKU ${component.sku} is unknown; create it first`;
  return stock.components && `SKU ${component.sku} is a kit itself; name what it is made of instead`;
}

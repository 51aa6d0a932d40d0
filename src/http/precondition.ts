import type { Context } from "hono";
import { formatEtag, parseEtag, type Position } from "../protocol/position.ts";
import { ProblemError } from "./problem.ts";

/**
 * The positions an If-Match header asks for (RFC 9110 13.1.1); undefined if any will do: no header, or `*`, which
 * here is the explicit "I do not care what is there". Throws 400 for what is no entity tag of ours.
 */
export function ifMatchOf(c: Context): Position[] | undefined {
  const header = c.req.header("if-match");
  if (header === undefined || header.trim() === "*") return undefined;
  return header.split(",").map((tag) => {
    const position = parseEtag(tag);
    if (position === undefined) {
      const detail = 'send the ETag of your last read, as in If-Match: "k3v9.42", or If-Match: *';
      throw new ProblemError("precondition-invalid", { detail });
    }
    return position;
  });
}

/** The same, for mutations that must not be blind: 428 without the header. */
export function requiredIfMatchOf(c: Context): Position[] | undefined {
  if (c.req.header("if-match") !== undefined) return ifMatchOf(c);
  const detail =
    "a count overwrites: send If-Match with the ETag you read, or If-Match: * to overwrite whatever is there";
  throw new ProblemError("precondition-required", { detail });
}

/** Refuses If-Match where no single SKU's version could be meant (400); `*` says nothing and is let through. */
export function refuseIfMatch(c: Context, what: string): void {
  if (ifMatchOf(c) === undefined) return;
  const detail = `If-Match names the version of one SKU, and ${what} concerns several; leave the header out`;
  throw new ProblemError("precondition-invalid", { detail });
}

/** Whether the caller has this version already (If-None-Match). */
export function isNotModified(c: Context, position: Position): boolean {
  const header = c.req.header("if-none-match");
  if (header === undefined) return false;
  const tags = new Set(header.split(",").map((tag) => tag.trim().replace(/^W\//, "")));
  return tags.has("*") || tags.has(formatEtag(position));
}

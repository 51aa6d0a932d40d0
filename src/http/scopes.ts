import type { Scope } from "../protocol/requests.ts";
import type { Principal } from "./principal.ts";

/** The scopes of which any one lets its owner do what a scope is asked for; `admin` does so for all. */
const including: Readonly<Record<Scope, readonly Scope[]>> = {
  "stock:read": ["stock:read", "stock:hold"],
  "stock:hold": ["stock:hold", "stock:write"],
  "stock:write": ["stock:write"],
  "channels:manage": ["channels:manage"],
  "metrics:read": ["metrics:read"],
  admin: [],
};

/** Whether a caller may do what a scope is asked for. */
export function mayDo({ scopes }: Principal, scope: Scope): boolean {
  return scopes.has("admin") || including[scope].some((other) => scopes.has(other));
}

/** Whether a caller may hold stock, but only as its own and within an allowance: what the scope `stock:hold` alone gives. */
export function isAgent(principal: Principal): boolean {
  return mayDo(principal, "stock:hold") && !mayDo(principal, "stock:write");
}

/** Whether a caller came with the token of an authorization server, and could come with another one. */
export function isToken(principal: Principal): boolean {
  return principal.expiresAtMs !== undefined;
}

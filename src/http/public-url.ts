import type { Context } from "hono";
import type { AppEnv } from "./app-env.ts";

/**
 * Where others reach this service, as in `https://stock.example.com`: the variable `PUBLIC_URL`, for a service behind a
 * proxy that calls it by another name, else the address that was asked. Never with a slash at its end.
 */
export function publicOrigin(c: Context<AppEnv>): string {
  const configured = c.env.PUBLIC_URL;
  return new URL(configured === "" ? c.req.url : configured).origin;
}

/** The public address of what was asked, without its query. */
export function publicAddress(c: Context<AppEnv>): string {
  return publicOrigin(c) + new URL(c.req.url).pathname;
}

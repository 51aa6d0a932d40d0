import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../../http/app-env.ts";
import { ProblemError } from "../../http/problem.ts";

/** The member of the dictionary (RFC 8941) that names a platform's profile. */
const profile = /(?:^|,)\s*profile="([^"\\]*)"/;

/**
 * Refuses a `UCP-Agent` header that names no profile. The profile is not fetched: who has a key here was given it by the
 * seller, so it is known, and an address that a caller names is nothing to call. All capabilities are active for it.
 */
export const checkPlatform: MiddlewareHandler<AppEnv> = async (c, next) => {
  const header = c.req.header("ucp-agent");
  const address = header === undefined ? undefined : URL.parse(profile.exec(header)?.[1] ?? "");
  if (address !== undefined && !/^https?:$/.test(address?.protocol ?? "")) {
    const detail = 'send the header as in UCP-Agent: profile="https://platform.example/profile.json"';
    throw new ProblemError("invalid-request", { detail, code: "invalid_profile_url" });
  }
  await next();
};

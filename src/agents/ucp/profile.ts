import type { AllowanceCaps } from "../../allowance/contract.ts";
import {
  endpointPath,
  extensionVersion,
  lookupCapability,
  ownNames,
  schemaPaths,
  ucpVersion,
} from "./names.ts";

const ucp = `https://ucp.dev/${ucpVersion}`;

/**
 * The business profile at `/.well-known/ucp`: which of UCP's capabilities are served here, our own beside them, and what
 * an agent's key may hold at once. There is no checkout here, so there are no payment handlers.
 */
export function businessProfile(origin: string, caps: AllowanceCaps): object {
  const names = ownNames(origin);
  const endpoint = origin + endpointPath;
  const spec = `${origin}/docs`;
  return {
    ucp: {
      version: ucpVersion,
      services: {
        "dev.ucp.shopping": [
          {
            version: ucpVersion,
            spec: `${ucp}/specification/overview`,
            transport: "rest",
            schema: `${ucp}/services/shopping/rest.openapi.json`,
            endpoint,
          },
        ],
        [names.service]: [
          { version: extensionVersion, spec, transport: "rest", schema: `${origin}/openapi.json`, endpoint },
        ],
      },
      capabilities: {
        [lookupCapability]: [
          {
            version: ucpVersion,
            spec: `${ucp}/specification/shopping/catalog/lookup`,
            schema: `${ucp}/schemas/shopping/catalog_lookup.json`,
          },
        ],
        [names.freshness]: [
          {
            version: extensionVersion,
            spec,
            schema: origin + schemaPaths.freshness,
            extends: lookupCapability,
          },
        ],
        [names.holds]: [
          {
            version: extensionVersion,
            spec,
            schema: origin + schemaPaths.holds,
            config: {
              units_max: caps.unitsMax,
              holds_max: caps.holdsMax,
              expires_in_seconds_max: caps.ttlSecondsMax,
              lifetime_seconds_max: caps.lifetimeSecondsMax,
            },
          },
        ],
      },
      payment_handlers: {},
    },
  };
}

import { z } from "zod";
import { extensionVersion, lookupCapability, type OwnNames, ucpVersion } from "./names.ts";

/** What an answer says of the protocol: which version, and which capabilities were at work. */
export type Envelope = {
  readonly version: string;
  readonly status: "success" | "error";
  readonly capabilities: Readonly<Record<string, readonly { readonly version: string }[]>>;
};

const active = (version: string) => [{ version }];

export function lookupEnvelope(names: OwnNames, status: Envelope["status"]): Envelope {
  return {
    version: ucpVersion,
    status,
    capabilities: { [lookupCapability]: active(ucpVersion), [names.freshness]: active(extensionVersion) },
  };
}

export function holdsEnvelope(names: OwnNames, status: Envelope["status"]): Envelope {
  return { version: ucpVersion, status, capabilities: { [names.holds]: active(extensionVersion) } };
}

/** A message for whoever reads the answer; what our capabilities add to one stands under their name. */
export type Message = {
  readonly code: string;
  readonly content: string;
  /** RFC 9535: what the message is about, in the request or the answer. */
  readonly path?: string | undefined;
} & (
  | { readonly type: "info" }
  | { readonly type: "error"; readonly severity: "recoverable" | "unrecoverable" }
);

/** What every answer looks like to the OpenAPI document; the protocol's own schemas say the rest. */
export type UcpAnswer = z.infer<typeof UcpAnswer>;
export const UcpAnswer = z
  .looseObject({
    ucp: z.looseObject({ version: z.string(), status: z.enum(["success", "error"]) }),
    messages: z.array(z.looseObject({ type: z.string(), content: z.string() })).optional(),
  })
  .meta({ id: "UcpAnswer", description: "As the schemas of the capabilities in `ucp.capabilities` say" });

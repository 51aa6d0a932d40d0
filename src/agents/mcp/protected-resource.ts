import { newRouter } from "../../http/openapi.ts";
import { oauthSettings } from "../../http/oauth.ts";
import { publicOrigin } from "../../http/public-url.ts";
import { ProblemError } from "../../http/problem.ts";

/** Where the metadata of a resource is: beside the root, with the resource's own path behind it (RFC 9728, section 3.1). */
const paths = ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"];

/** Says which authorization server issues tokens for this service (RFC 9728). */
export const protectedResource = newRouter();

for (const path of paths) {
  protectedResource.get(path, (c) => {
    const settings = oauthSettings(c.env);
    if (settings === undefined) {
      throw new ProblemError("not-found", { detail: "no authorization server is set up; use an API key" });
    }
    const metadata = {
      resource: settings.resource,
      authorization_servers: [settings.issuer],
      scopes_supported: settings.scopes,
      bearer_methods_supported: ["header"],
      resource_name: "Stockwire",
      resource_documentation: `${publicOrigin(c)}/docs`,
    };
    // Pages ask too, before they have anything to show for themselves.
    return c.json(metadata, 200, { "access-control-allow-origin": "*", "cache-control": "max-age=300" });
  });
}

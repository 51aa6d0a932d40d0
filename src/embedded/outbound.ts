import { readFileSync } from "node:fs";

const name = "outbound";

const script = "export default { fetch: (request, env) => env.PUBLIC.fetch(request) };";

/**
 * The way out of an embedded service: addresses of the public internet, whatever name led to them. The guard of URLs sees
 * names only; here workerd looks at the address that a name was resolved to, each time it connects. It is a Worker that
 * passes on what the service asks for; nothing where channels may be private, so that any address will do.
 */
export function outbound(allowPrivateChannels: boolean) {
  if (allowPrivateChannels) return { option: {}, workers: [] };
  const network = {
    allow: ["public"],
    tlsOptions: { trustBrowserCas: true, trustedCertificates: extraCertificates() },
  };
  const worker = {
    name,
    compatibilityDate: "2026-01-01",
    modules: [{ type: "ESModule" as const, path: "outbound.js", contents: script }],
    serviceBindings: { PUBLIC: { network } },
  };
  return { option: { outboundService: name }, workers: [worker] };
}

/** Those that Node trusts beside its own, as Miniflare does for a network that reaches everything. */
function extraCertificates(): string[] {
  const file = process.env["NODE_EXTRA_CA_CERTS"];
  if (file === undefined || file === "") return [];
  const pem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
  return readFileSync(file, "utf8").match(pem) ?? [];
}

import type { ChannelPolicy } from "./adapter.ts";

const urlLengthMax = 2048;

/** A name of the public DNS: its last part has a letter (RFC 3696, section 2). The parser takes nearly anything for a name. */
const publicName = /^(?:[a-z0-9_-]+\.)+(?=[a-z0-9-]*[a-z])[a-z0-9-]+$/;

/** Where services listen that are meant for the public; any other port is as likely to be something behind a wall. */
const allowedPorts = new Set(["", "443", "8443"]);

/** Names that mean this machine, a private network, or a cloud's metadata service (RFC 6761, RFC 8375, RFC 9476). */
const privateSuffixes = [
  "localhost",
  "local",
  "internal",
  "intranet",
  "lan",
  "home",
  "corp",
  "home.arpa",
  "test",
  "invalid",
  "onion",
  "alt",
];

/**
 * Why a URL may not be called; undefined if it may. Guards against requests to private places (SSRF). A public
 * name that resolves to a private address is not seen here: a Worker can neither resolve nor pin a name. On Cloudflare it has no
 * private network to reach; on one machine the way out is limited (`src/embedded/outbound.ts`).
 */
export function refuseUrl(text: string, policy: ChannelPolicy): string | undefined {
  if (text.length > urlLengthMax) return `the URL must have at most ${urlLengthMax} characters`;
  const url = URL.parse(text);
  if (url === null) return "this is not an absolute URL";
  if (url.username !== "" || url.password !== "") return "the URL must not contain a user name or password";
  if (policy.allowPrivateHosts) {
    const isHttp = url.protocol === "https:" || url.protocol === "http:";
    return isHttp ? undefined : "the URL must begin with https:// or http://";
  }
  if (url.protocol !== "https:") return "the URL must begin with https://";
  if (!allowedPorts.has(url.port)) return "the URL must name port 443 or 8443, or none";
  return refuseHost(url.hostname);
}

/** The parser has already turned decimal, octal, hex and shortened IPv4 forms into four numbers, and names into lower-case ASCII. */
function refuseHost(hostname: string): string | undefined {
  if (isIpLiteral(hostname)) return "the URL must name a public host, not an IP address";
  const name = hostname.replace(/\.+$/, "");
  const isPrivate = privateSuffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
  if (isPrivate || !name.includes(".")) return "the URL must name a public host, not a local or private one";
  if (!publicName.test(name)) return "the URL must name a host by letters, digits and dashes";
  return undefined;
}

function isIpLiteral(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+(\.\d+){3}\.?$/.test(hostname);
}

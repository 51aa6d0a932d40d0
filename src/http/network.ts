/** Longest address that is one: IPv6 with a zone. Callers of an embedded service may send anything. */
const addressLengthMax = 64;

/**
 * Whom an address belongs to, as far as limits are concerned: itself, and of IPv6 the network that one customer has
 * (64 bits, RFC 6177).
 */
export function networkOf(address: string): string {
  const text = address.slice(0, addressLengthMax).toLowerCase();
  const mapped = /^::ffff:([\d.]+)$/.exec(text)?.[1];
  if (mapped !== undefined || !text.includes(":")) return mapped ?? text;
  const [head = "", tail] = text.split("::");
  const groups = groupsOf(head);
  const ending = groupsOf(tail ?? "");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - ending.length);
  return [...groups, ...Array.from({ length: zeros }, () => "0"), ...ending].slice(0, 4).join(":");
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":").map((group) => group.replace(/^0+(?=.)/, ""));
}

/** A place in the console, as its address says it after the `#`: a path of decoded parts, and a query. */
export interface Place {
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** What a pattern such as `/skus/:sku` found in a place: its named parts. */
export type Params = Readonly<Record<string, string>>;

/** The place an address fragment names; what cannot be decoded stands as it is. */
export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const parts = path.split("/").filter((part) => part !== "");
  return { parts: parts.map(decode), query: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a place. Parts are encoded, so a SKU may contain anything; empty values of the query are left out. */
export function addressOf(parts: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== "");
  const text = new URLSearchParams(given).toString();
  return `#/${parts.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`;
}

/** The named parts of a place under a pattern; undefined if it is another one. */
export function match(pattern: string, { parts }: Place): Params | undefined {
  const wanted = pattern.split("/").filter((part) => part !== "");
  if (wanted.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of wanted.entries()) {
    const part = parts[index] ?? "";
    if (name.startsWith(":")) params[name.slice(1)] = part;
    else if (name !== part) return undefined;
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

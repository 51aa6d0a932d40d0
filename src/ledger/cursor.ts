/** An opaque place in a list: what comes after it is the next page. */
export function encodeCursor(parts: readonly (string | number)[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The parts of a cursor; undefined if it is not one of `encodeCursor` with that many parts. */
export function decodeCursor(cursor: string, length: number): (string | number)[] | undefined {
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")), (c) =>
      c.charCodeAt(0),
    );
    const parts: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const isList = Array.isArray(parts) && parts.length === length;
    return isList && parts.every((part) => typeof part === "string" || typeof part === "number")
      ? parts
      : undefined;
  } catch {
    return undefined;
  }
}

/** The part of a registered route that says what it answers to. */
interface Definition {
  readonly type: string;
  readonly route?: { readonly method: string; readonly path: string };
}

/** The methods that a path answers to, for 405 and its Allow header; empty if there is nothing at that path. */
export function allowedMethods(definitions: readonly Definition[], path: string): string[] {
  const methods = definitions
    .map((definition) => definition.route)
    .filter((route) => route !== undefined && toPattern(route.path).test(path))
    .map((route) => route?.method.toUpperCase() ?? "");
  return [...new Set(methods)].sort();
}

function toPattern(path: string): RegExp {
  const parts = path.split(/\{[^}]+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]+")}$`);
}

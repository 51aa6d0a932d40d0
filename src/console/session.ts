import type { Scope } from "../protocol/requests.ts";
import { Cell } from "./cell.ts";

/** Who is signed in. It lives as long as the tab: it is kept in sessionStorage and nowhere else. */
export interface Session {
  readonly key: string;
  /** Id of the API key, or `admin`. */
  readonly id: string;
  readonly scopes: readonly Scope[];
}

const storageName = "stockwire.session";

/** Undefined: nobody is signed in. */
export const session = new Cell<Session | undefined>(stored());
/** Why the last session ended, if it did not end by hand. */
export const farewell = new Cell<string | undefined>(undefined);

export function signIn(next: Session): void {
  sessionStorage.setItem(storageName, JSON.stringify(next));
  farewell.set(undefined);
  session.set(next);
}

/** Ends the session and forgets the key; `because` is told on the sign-in page. */
export function signOut(because?: string): void {
  sessionStorage.removeItem(storageName);
  farewell.set(because);
  session.set(undefined);
}

/** Whether the key may do something. The API decides; this only spares people what it would refuse. */
export function may(scope: Scope): boolean {
  const scopes = session.value?.scopes ?? [];
  return scopes.includes(scope) || scopes.includes("admin");
}

function stored(): Session | undefined {
  const text = sessionStorage.getItem(storageName);
  return text === null ? undefined : (JSON.parse(text) as Session);
}

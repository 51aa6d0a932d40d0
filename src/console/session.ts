import { Cell } from "./cell.ts";

/** Who is signed in. The key lives as long as the tab: it is kept in sessionStorage and nowhere else. */
export interface Session {
  readonly key: string;
}

const storageName = "stockwire.key";

/** Undefined: nobody is signed in. */
export const session = new Cell<Session | undefined>(stored());
/** Why the last session ended, if it did not end by hand. */
export const farewell = new Cell<string | undefined>(undefined);

export function signIn(key: string): void {
  sessionStorage.setItem(storageName, key);
  farewell.set(undefined);
  session.set({ key });
}

/** Ends the session and forgets the key; `because` is told on the sign-in page. */
export function signOut(because?: string): void {
  sessionStorage.removeItem(storageName);
  farewell.set(because);
  session.set(undefined);
}

function stored(): Session | undefined {
  const key = sessionStorage.getItem(storageName);
  return key === null ? undefined : { key };
}

import type { Scope } from "../protocol/requests.ts";

/** Who is calling: the id of an API key, or `admin`. */
export interface Principal {
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** What hono knows of this app: the Worker's bindings, and what middleware puts into the context. */
export interface AppEnv {
  Bindings: Env;
  Variables: { principal: Principal };
}

import type { Principal } from "./principal.ts";

/** What hono knows of this app: the Worker's bindings, and what middleware puts into the context. */
export interface AppEnv {
  Bindings: Env;
  Variables: { principal: Principal };
}

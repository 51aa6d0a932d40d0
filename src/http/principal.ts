import type { Scope } from "../protocol/requests.ts";
import type { RateLimit } from "./quotas.ts";

/** Who is calling: the id of an API key, `admin`, or the subject of an OAuth token. */
export interface Principal {
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Whether the key is kept secret; publishable keys and tickets are not. */
  readonly isSecret: boolean;
  /** The origins whose pages may use it; absent if no page may be told from its key. */
  readonly origins?: ReadonlySet<string> | undefined;
  /** Of an OAuth token: when it ends. */
  readonly expiresAtMs?: number;
  /** How often it may ask; absent if that is not limited. */
  readonly rateLimit?: RateLimit | undefined;
}

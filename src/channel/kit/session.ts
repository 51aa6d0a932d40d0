import { accessToken, rejectToken } from "./access-token.ts";
import { type AdapterContext, ChannelUnreadableError } from "./adapter.ts";
import type { ApiAnswer, ApiFailure } from "./api-failure.ts";

/** How a shop that wants a login is asked. */
export interface Session<Value> {
  /** How long a token is taken to be good; one that ends sooner is noticed when it is refused. */
  readonly lifetimeMs: number;
  /** A new token, or why there is none. */
  readonly logIn: () => Promise<ApiAnswer<string>>;
  /** Asks what is to be asked with a token. */
  readonly ask: (token: string) => Promise<ApiAnswer<Value>>;
  /** Whether a failure means that the token is no longer good. */
  readonly hasEnded: (failure: ApiFailure) => boolean;
}

/** Asks with the token of a login, which is kept for the next one; logs in once more if it has ended. */
export async function askInSession<Settings, Value>(
  context: AdapterContext<Settings>,
  session: Session<Value>,
): Promise<ApiAnswer<Value>> {
  const first = await askOnce(context, session);
  return first.hasEnded ? (await askOnce(context, session)).answer : first.answer;
}

async function askOnce<Settings, Value>(
  context: AdapterContext<Settings>,
  { lifetimeMs, logIn, ask, hasEnded }: Session<Value>,
): Promise<{ readonly answer: ApiAnswer<Value>; readonly hasEnded: boolean }> {
  let token: string;
  try {
    token = await accessToken(context, async () => {
      const login = await logIn();
      if (login.outcome === "failed") throw new LoginError(login);
      return { accessToken: login.value, expiresAtMs: context.now() + lifetimeMs };
    });
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    return { answer: error.failure, hasEnded: false };
  }
  const answer = await ask(token);
  if (answer.outcome === "ok" || !hasEnded(answer)) return { answer, hasEnded: false };
  rejectToken(context, token);
  return { answer, hasEnded: true };
}

/** Carries a failure through `accessToken`, which knows only errors. */
class LoginError extends ChannelUnreadableError {
  readonly failure: ApiFailure;

  constructor(failure: ApiFailure) {
    super(failure.detail, failure.retryAfterMs);
    this.failure = failure;
  }
}

import { useState } from "preact/hooks";
import { type ApiError, asApiError } from "./api-error.ts";
import { Attempt } from "./attempt.ts";

/** Something a person does: whether it is under way, and what went wrong. */
export interface Action {
  readonly isRunning: boolean;
  readonly error: ApiError | undefined;
  /** Does it, unless it is under way. Answers whether it was done. */
  readonly run: (task: (attempt: Attempt) => Promise<void>) => Promise<boolean>;
  /** Forgets what went wrong. */
  readonly clear: () => void;
}

export function useAction(): Action {
  const [attempt] = useState(() => new Attempt());
  const [isRunning, setIsRunning] = useState(false);
  const [error, setError] = useState<ApiError>();
  return {
    isRunning,
    error,
    clear: () => setError(undefined),
    run: async (task) => {
      if (isRunning) return false;
      setIsRunning(true);
      setError(undefined);
      try {
        await task(attempt);
        return true;
      } catch (failure) {
        setError(asApiError(failure));
        return false;
      } finally {
        setIsRunning(false);
      }
    },
  };
}

import { problemError, type StockwireError } from "../errors.ts";
import { mayRepeat } from "../retry.ts";
import type { Problem } from "../types.ts";

/** What the service said on a line instead of what was asked for. */
export function refusal(request: string, problem: Problem): StockwireError {
  const retryable = mayRepeat(problem.status, "harmless");
  return problemError({ request, problem, retryable, attempts: 1 });
}

import { InvalidRequestError, NoAnswerError, StockwireError } from "../client/errors.ts";

/** What went wrong, in words for people. */
export interface ApiError {
  /** In short: the problem's title. */
  readonly title: string;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** Fields at fault, as JSON pointers into what was sent. */
  readonly fields: readonly { readonly pointer: string; readonly detail: string }[];
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof NoAnswerError) {
    const message = "Stockwire does not answer. Check that it runs and that you are online, then try again.";
    return { title: "No connection", message, fields: [] };
  }
  if (error instanceof StockwireError) {
    const title = error.problem?.title ?? `The answer was ${error.status ?? "no answer"}`;
    const fields = error instanceof InvalidRequestError ? error.fields : [];
    return { title, message: error.problem?.detail ?? title, fields };
  }
  return { title: "The console made a mistake", message: String(error), fields: [] };
}

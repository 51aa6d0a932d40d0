import type { ComponentChildren } from "preact";
import type { ApiError } from "../api-error.ts";

/** What stands where a list or a page would be when it could not be loaded. */
export function Failure({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <div class="state state-failure" role="alert">
      <p class="state-title">{error.title}</p>
      {error.message !== error.title && <p>{error.message}</p>}
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** What stands there when there is nothing to list: why, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <p class="state-title">{title}</p>
      {children}
    </div>
  );
}

/** Room for what is on its way, of the size that it will take, so that nothing jumps. */
export function Loading({ rows = 3, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div class="loading" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} class="loading-row" />
      ))}
    </div>
  );
}

/** A list that was loaded before and could not be loaded again: it stays, and says so. */
export function Stale({ error, retry }: { error: ApiError | undefined; retry: () => void }) {
  if (error === undefined) return null;
  return (
    <p class="notice notice-warning" role="alert">
      <span>Not up to date: {error.message}</span>
      <button type="button" class="quiet" onClick={retry}>
        Try again
      </button>
    </p>
  );
}

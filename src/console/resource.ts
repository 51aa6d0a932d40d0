import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, asApiError } from "./api-error.ts";

/** Something that is loaded: what is known of it, and what went wrong last. Both may be there: then the value is old. */
export interface Resource<Value> {
  readonly value: Value | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/**
 * Loads something when the page comes up, when `key` changes, every `everyMs` while the page is looked at, and on
 * `reload`. While it loads again, the old value stays; under another key there is none at first.
 */
export function useResource<Value>(
  key: string,
  load: (signal: AbortSignal) => Promise<Value>,
  everyMs?: number,
): Resource<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: ApiError; isLoading: boolean }>({
    key,
    isLoading: true,
  });
  const loading = useRef(load);
  loading.current = load;
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((before) => before + 1), []);

  useEffect(() => {
    const leaving = new AbortController();
    let timer: number | undefined;
    const run = async () => {
      setState((before) => (before.key === key ? { ...before, isLoading: true } : { key, isLoading: true }));
      try {
        const value = await loading.current(leaving.signal);
        if (leaving.signal.aborted) return;
        setState({ key, value, isLoading: false });
      } catch (error) {
        if (leaving.signal.aborted) return;
        setState((before) => ({ ...before, error: asApiError(error), isLoading: false }));
      }
      if (everyMs !== undefined) timer = window.setTimeout(tick, everyMs);
    };
    const tick = () => {
      if (document.hidden) timer = window.setTimeout(tick, everyMs);
      else void run();
    };
    void run();
    return () => {
      leaving.abort();
      window.clearTimeout(timer);
    };
  }, [key, turn, everyMs]);

  const known = state.key === key ? state : { isLoading: true };
  return { value: undefined, error: undefined, ...known, reload };
}

import { useState } from "preact/hooks";
import { ask } from "../api.ts";
import { useCell } from "../cell.ts";
import { type ApiError, asApiError } from "../api-error.ts";
import { farewell, signIn } from "../session.ts";
import { Wordmark } from "./wordmark.tsx";

/** Asks for an API key, and tries it before it lets anybody in. */
export function SignIn() {
  const because = useCell(farewell);
  const [key, setKey] = useState("");
  const [error, setError] = useState<ApiError>();
  const [isTrying, setIsTrying] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    const given = key.trim();
    if (given === "") return;
    setIsTrying(true);
    try {
      await ask("/v1/skus", { query: { limit: 1 }, key: given });
      signIn(given);
    } catch (failure) {
      setError(asApiError(failure));
      setIsTrying(false);
    }
  };

  const message = error?.message ?? because;
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <Wordmark />
        <h1>Sign in</h1>
        <label class="field" for="key">
          <span class="field-label">API key</span>
          <input
            id="key"
            type="password"
            autocomplete="off"
            spellcheck={false}
            autofocus
            value={key}
            aria-describedby="key-hint"
            aria-invalid={error !== undefined}
            onInput={(event) => {
              setKey(event.currentTarget.value);
              setError(undefined);
            }}
          />
        </label>
        <p id="key-hint" class="hint">
          On one machine, the admin key is in the file <code>admin-key</code> of the data directory. The key
          stays in this tab and is forgotten when you close it.
        </p>
        <div class="sign-in-answer" role="alert">
          {message !== undefined && <p class="notice notice-danger">{message}</p>}
        </div>
        <button type="submit" class="primary" disabled={isTrying || key.trim() === ""}>
          {isTrying ? "Signing in" : "Sign in"}
        </button>
      </form>
    </main>
  );
}

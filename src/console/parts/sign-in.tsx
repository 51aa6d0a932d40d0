import { Fragment } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { CurrentKey } from "../../protocol/answers.ts";
import { ask } from "../api.ts";
import { useCell } from "../cell.ts";
import { type ApiError, asApiError } from "../api-error.ts";
import { routes } from "../pages/index.ts";
import { farewell, signIn } from "../session.ts";
import { SecretField } from "./field.tsx";
import { Wordmark } from "./wordmark.tsx";

const openPages = routes
  .filter(({ isOpen }) => isOpen === true)
  .map(({ pattern, title }, index) => (
    <Fragment key={pattern}>
      {index > 0 && ", "}
      <a href={`#${pattern}`}>{title}</a>
    </Fragment>
  ));

/** Asks for an API key, and tries it before it lets anybody in. */
export function SignIn() {
  const because = useCell(farewell);
  const [key, setKey] = useState("");
  const [error, setError] = useState<ApiError>();
  const [isTrying, setIsTrying] = useState(false);

  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    document.title = "Sign in · Stockwire";
    form.current?.querySelector("input")?.focus();
  }, []);

  const submit = async (event: Event) => {
    event.preventDefault();
    const given = key.trim();
    if (given === "") return;
    setIsTrying(true);
    try {
      const { id, scopes } = await ask<CurrentKey>("/v1/keys/current", { key: given });
      signIn({ key: given, id, scopes });
    } catch (failure) {
      setError(asApiError(failure));
      setIsTrying(false);
    }
  };

  const message = error?.message ?? because;
  return (
    <main class="sign-in">
      <form ref={form} onSubmit={(event) => void submit(event)}>
        <Wordmark />
        <h1>Sign in</h1>
        <SecretField
          label="API key"
          hint="The key stays in this tab and is forgotten when you close it. On one machine, the admin key is in the file admin-key of the data directory."
          value={key}
          error={message}
          onValue={(value) => {
            setKey(value);
            setError(undefined);
          }}
        />
        <button type="submit" class="primary" disabled={isTrying || key.trim() === ""}>
          {isTrying ? "Signing in" : "Sign in"}
        </button>
        <p class="hint">
          Without a key: {openPages}, and the <a href="/docs">API reference</a>.
        </p>
      </form>
    </main>
  );
}

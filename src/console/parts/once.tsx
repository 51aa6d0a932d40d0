import { useState } from "preact/hooks";
import { announce } from "../announce.ts";

/** A secret that is shown once: to be copied now. */
export function Once({ label, words, value }: { label: string; words: string; value: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setIsCopied(true);
      announce(`${label} copied.`);
    } catch {
      announce("The browser did not let it be copied: select it and copy it by hand.");
    }
  };
  return (
    <div class="once">
      <p>
        <strong>{label}.</strong> {words}
      </p>
      <div class="once-value">
        <code>{value}</code>
        <button type="button" onClick={() => void copy()}>
          {isCopied ? "Copied" : "Copy"}
        </button>
      </div>
    </div>
  );
}

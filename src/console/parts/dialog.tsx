import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Action } from "../use-action.ts";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A window over the page. The browser keeps the focus in it, closes it with Escape and gives the focus back. */
export function Dialog({ title, onClose, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog
      ref={element}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => {
        // Only the backdrop is the dialog itself; its content lies in a box of its own.
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      <div class="dialog-box">
        <div class="dialog-head">
          <h2>{title}</h2>
          <button type="button" class="quiet" aria-label="Close" onClick={() => element.current?.close()}>
            ✕
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

interface FormProps {
  readonly action: Action;
  /** What the button says. */
  readonly verb: string;
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
  readonly isReady?: boolean;
  readonly isDanger?: boolean;
}

/** A form in a dialog: its fields, what went wrong, and one button that does it. */
export function DialogForm({
  action,
  verb,
  onSubmit,
  children,
  isReady = true,
  isDanger = false,
}: FormProps) {
  const { error, isRunning } = action;
  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onSubmit();
      }}
    >
      {children}
      <div class="form-answer" role="alert">
        {error !== undefined && (
          <p class="notice notice-danger">
            <span>
              <strong>{error.title}.</strong> {error.message === error.title ? "" : error.message}
            </span>
          </p>
        )}
      </div>
      <div class="form-actions">
        <button type="submit" class={isDanger ? "danger" : "primary"} disabled={isRunning || !isReady}>
          {isRunning ? "One moment" : verb}
        </button>
      </div>
    </form>
  );
}

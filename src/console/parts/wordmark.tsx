/** The sign and the name. */
export function Wordmark() {
  return (
    <span class="wordmark">
      <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
        <rect class="wordmark-plate" width="32" height="32" rx="7" />
        <path class="wordmark-wire" d="M7 21h5V11h8v10h5" />
      </svg>
      Stockwire
    </span>
  );
}

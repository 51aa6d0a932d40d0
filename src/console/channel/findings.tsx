import type { Findings } from "../../protocol/reconciliation.ts";
import { Mark } from "../parts/status.tsx";

/** What a connection test looked at, and what to do about what is missing. */
export function FindingList({ result }: { result: Findings }) {
  return (
    <div class="findings">
      <p class={result.ok ? "notice notice-good" : "notice notice-warning"}>
        {result.ok ? "The connection has all it needs." : "Something is missing."}
      </p>
      <ul>
        {result.findings.map(({ check, isOk, advice }) => (
          <li key={check}>
            <Mark tone={isOk ? "good" : "danger"}>{isOk ? "Good" : "Missing"}</Mark> {check}
            {advice !== undefined && <p class="hint">{advice}</p>}
          </li>
        ))}
      </ul>
    </div>
  );
}

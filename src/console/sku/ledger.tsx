import type { LedgerItem } from "../../protocol/answers.ts";
import { change } from "../format.ts";
import type { LedgerState, LiveLedger } from "../live-ledger.ts";
import { Ago } from "../parts/ago.tsx";
import { Empty, Failure, Loading } from "../parts/states.tsx";
import { changeOf } from "../series.ts";
import { actorOf, shortWords, storyOf } from "../story.ts";

/** What happened to a SKU, newest first; what happens while one looks comes in at the top. */
export function Ledger({ ledger, state }: { ledger: LiveLedger; state: LedgerState }) {
  const { entries, error, isLoading, isWhole } = state;
  if (entries.length === 0) {
    if (error !== undefined) return <Failure error={error} retry={() => ledger.retry()} />;
    return isLoading ? (
      <Loading rows={6} label="Loading the ledger" />
    ) : (
      <Empty title="Nothing happened yet" />
    );
  }
  return (
    <>
      <ol class="ledger" aria-label="Ledger, newest first">
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ol>
      {error !== undefined && <Failure error={error} retry={() => ledger.retry()} />}
      {!isWhole && (
        <button type="button" disabled={isLoading} onClick={() => void ledger.older()}>
          Show older entries
        </button>
      )}
    </>
  );
}

function Entry({ entry }: { entry: LedgerItem }) {
  const { what, detail, oversold } = storyOf(entry);
  const delta = changeOf(entry);
  const { note, reference } = entry.data;
  return (
    <li class="ledger-entry">
      <span class="ledger-version" title={`Version ${entry.version}`}>
        {entry.version}
      </span>
      <span class="ledger-what">
        <strong>{what}</strong> {detail}
        {oversold !== undefined && <span class="tag tag-danger">{shortWords(oversold)}</span>}
        {note !== undefined && <span class="ledger-note">{note}</span>}
      </span>
      <span class="ledger-change number">{delta === undefined || delta === 0 ? "" : change(delta)}</span>
      <span class="ledger-when">
        <Ago at={entry.time} /> by {actorOf(entry)}
        {reference !== undefined && <span class="ledger-reference">{reference}</span>}
      </span>
    </li>
  );
}

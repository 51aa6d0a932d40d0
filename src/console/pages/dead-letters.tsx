import type { Page as PageOf } from "../../client/paged.ts";
import type { DeadLetter } from "../../client/types.ts";
import { announce } from "../announce.ts";
import { ask, path } from "../api.ts";
import { count } from "../format.ts";
import { Ago } from "../parts/ago.tsx";
import { Empty, Failure, Loading, Stale } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import { useResource } from "../resource.ts";
import { addressOf } from "../route.ts";
import { useAction } from "../use-action.ts";

const everyMs = 5_000;

type LetterPage = PageOf<DeadLetter>;

/** Messages that the consumer gave up, and putting them on the queue again. */
export function Page() {
  const { value, error, reload } = useResource(
    "dead-letters",
    (signal) => ask<LetterPage>("/v1/dead-letters", { query: { limit: 200 }, signal }),
    everyMs,
  );
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>Dead letters</h1>
      </div>
      <p class="page-lead">
        Changes of stock travel to the ledger and the channels in messages. One that failed ten times is kept
        here. No stock is lost meanwhile: the SKU itself sends its news again until it is confirmed.
      </p>
      {value === undefined ? (
        error === undefined ? (
          <Loading rows={3} label="Loading dead letters" />
        ) : (
          <Failure error={error} retry={reload} />
        )
      ) : value.items.length === 0 ? (
        <Empty title="No dead letter">
          <p>Every change has reached the ledger and the channels, or is on its way.</p>
        </Empty>
      ) : (
        <>
          <Stale error={error} retry={reload} />
          <List page={value} reload={reload} />
        </>
      )}
    </section>
  );
}

function List({ page, reload }: { page: LetterPage; reload: () => void }) {
  return (
    <div class="panel">
      <Table label="Dead letters">
        <thead>
          <tr>
            <th scope="col">SKU</th>
            <th scope="col" class="number">
              Entries
            </th>
            <th scope="col">Given up</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {page.items.map((letter) => (
            <Row key={letter.id} letter={letter} reload={reload} />
          ))}
        </tbody>
      </Table>
      {page.nextCursor !== undefined && <p class="hint">The first {page.items.length} are shown.</p>}
    </div>
  );
}

function Row({ letter, reload }: { letter: DeadLetter; reload: () => void }) {
  const { id, sku, events, receivedAt } = letter;
  const action = useAction();
  const replay = () =>
    action.run(async () => {
      await ask(path`/v1/dead-letters/${id}/replay`, { method: "POST" });
      announce(`The news of ${sku ?? "this SKU"} is on the queue again.`);
      reload();
    });
  return (
    <tr>
      <th scope="row">
        {sku === null ? (
          "unknown"
        ) : (
          <a class="mono" href={addressOf(["skus", sku])}>
            {sku}
          </a>
        )}
      </th>
      <td class="number">{count(events)}</td>
      <td>
        <Ago at={receivedAt} />
      </td>
      <td class="row-actions">
        {action.error !== undefined && <span class="field-error">{action.error.message} </span>}
        <button
          type="button"
          aria-label={`Replay the letter of ${sku ?? id}`}
          disabled={action.isRunning}
          onClick={() => void replay()}
        >
          Replay
        </button>
      </td>
    </tr>
  );
}

import type { Page } from "../../client/paged.ts";
import type { HoldView } from "../../protocol/answers.ts";
import { announce } from "../announce.ts";
import { mutate, path } from "../api.ts";
import { count, units } from "../format.ts";
import { Until } from "../parts/ago.tsx";
import { Empty, Failure, Loading } from "../parts/states.tsx";
import { Table } from "../parts/table.tsx";
import type { Resource } from "../resource.ts";
import { may } from "../session.ts";
import { useAction } from "../use-action.ts";

export type HoldPage = Page<HoldView>;

/** Who holds units of the SKU, and until when. */
export function Reservations({ holds }: { holds: Resource<HoldPage> }) {
  const { value, error, reload } = holds;
  if (value === undefined) {
    if (error !== undefined) return <Failure error={error} retry={reload} />;
    return <Loading rows={2} label="Loading reservations" />;
  }
  if (value.items.length === 0) {
    return (
      <Empty title="Nothing is reserved">
        <p>A reservation holds units for a buyer until it is sold, released or expires.</p>
      </Empty>
    );
  }
  return (
    <>
      <Table label="Reservations">
        <thead>
          <tr>
            <th scope="col" class="number">
              Units
            </th>
            <th scope="col">From</th>
            <th scope="col">For</th>
            <th scope="col">Expires in</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {value.items.map((hold) => (
            <Row key={hold.id} hold={hold} reload={reload} />
          ))}
        </tbody>
      </Table>
      {value.nextCursor !== undefined && (
        <p class="hint">The {value.items.length} that expire first are shown.</p>
      )}
    </>
  );
}

function Row({ hold, reload }: { hold: HoldView; reload: () => void }) {
  const action = useAction();
  const release = () =>
    action.run(async (attempt) => {
      await mutate({ path: path`/v1/reservations/${hold.id}`, method: "DELETE" }, attempt);
      announce(`${units(hold.quantity)} released.`);
      reload();
    });
  return (
    <tr>
      <td class="number strong">{count(hold.quantity)}</td>
      <td>{hold.taken.map(({ location }) => location).join(", ")}</td>
      <td>
        {[hold.channel, hold.reference].filter((part) => part !== undefined).join(", ") || "nobody named"}
      </td>
      <td>
        <Until at={hold.expiresAt} />
      </td>
      <td class="row-actions">
        {action.error !== undefined && <span class="field-error">{action.error.message}</span>}
        {may("stock:write") && (
          <button type="button" disabled={action.isRunning} onClick={() => void release()}>
            Release
          </button>
        )}
      </td>
    </tr>
  );
}

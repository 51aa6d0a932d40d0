import { over } from "../kernel/settled.ts";
import type { Instance, ObjectRecord } from "./instance.ts";
import type { ServerSocket } from "./sockets.ts";

/** The `ctx` of an object's instance, as far as the product uses it. */
export function contextOf(instance: Instance, record: ObjectRecord) {
  const { disk, name } = record;
  return {
    id: { name, toString: () => record.label },
    waitUntil(work: Promise<unknown>): void {
      const pending = { fail: () => undefined };
      instance.pending.add(pending);
      void over(
        () => work,
        () => instance.pending.delete(pending),
      );
    },
    blockConcurrencyWhile: <Result>(run: () => Promise<Result>) => instance.blockConcurrencyWhile(run),
    acceptWebSocket: (socket: ServerSocket) => socket.accept(record, instance),
    getWebSockets: () => {
      const open = [...record.sockets].filter(({ readyState }) => readyState === 1);
      for (const socket of open) socket.handTo(instance);
      return open;
    },
    setWebSocketAutoResponse: () => undefined,
    storage: {
      sql: {
        exec: (query: string, ...bindings: (string | number | null)[]) => disk.exec(query, ...bindings),
      },
      transactionSync: <Result>(run: () => Result) => disk.transactionSync(run),
      getAlarm: async () => disk.alarmAtMs ?? null,
      setAlarm: async (atMs: number) => disk.setAlarm(atMs),
      sync: async () => instance.durable(),
      deleteAll: async () => disk.deleteAll(),
    },
  };
}

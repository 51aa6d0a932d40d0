import { adminKey, type Cloud } from "../cloud/cloud.ts";
import type { ClientSocket } from "../cloud/sockets.ts";
import { SimulatedRequest } from "../code/web.ts";
import type { Actor } from "../kernel/actor.ts";

/** How long somebody waits who was cut off. */
const pauseMs = { typical: 800, longest: 10_000 };

/** What somebody does with a socket. */
export interface Conversation {
  /** What is said first, on each new socket. */
  hello(): object;
  heard(message: Record<string, unknown>): void;
}

/** Holds a socket on `/v1/live` until a time, and opens another whenever it breaks. */
export async function converse(
  cloud: Cloud,
  actor: Actor,
  untilMs: number,
  conversation: Conversation,
): Promise<void> {
  const { timeline, trace } = cloud;
  while (timeline.nowMs < untilMs) {
    const socket = await open(cloud, actor);
    if (socket !== undefined) {
      const why = await over(actor, socket, untilMs - timeline.nowMs, conversation);
      trace.add(timeline.nowMs, "story", `${actor.name}: its socket is over (${why})`);
    }
    if (timeline.nowMs < untilMs) await actor.sleep(actor.random.delay(pauseMs.typical, pauseMs.longest));
  }
}

async function open(cloud: Cloud, actor: Actor): Promise<ClientSocket | undefined> {
  const request = new SimulatedRequest("http://stockwire/v1/live", {
    headers: {
      authorization: `Bearer ${adminKey}`,
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "c2ltdWxhdGVkIHNvY2tldA==",
    },
  });
  try {
    const { webSocket } = await cloud.http(actor, request);
    return webSocket === null ? undefined : (webSocket as ClientSocket);
  } catch {
    // Nobody answered, or the answer was lost: another one is opened.
    return undefined;
  }
}

/** Talks until the connection is over, or the time is. */
function over(
  actor: Actor,
  socket: ClientSocket,
  forMs: number,
  conversation: Conversation,
): Promise<string> {
  return new Promise((resolve) => {
    const timer = actor.timer(forMs, () => {
      socket.close();
      resolve("closed by itself");
    });
    socket.listen(actor, {
      message: (text) => conversation.heard(JSON.parse(text) as Record<string, unknown>),
      closed: (code) => {
        actor.cancel(timer);
        resolve(`code ${code}`);
      },
    });
    socket.send(JSON.stringify(conversation.hello()));
  });
}
